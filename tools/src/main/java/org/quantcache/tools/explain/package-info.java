/** Why a run decided as it did, what would have changed it, and how near its thresholds are to what was measured. */
package org.quantcache.tools.explain;
