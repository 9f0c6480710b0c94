/**
 * Which guarded regions of a loop are computed and which reuse what they gave before: the rules of one guard, the mode
 * of a run, and the trace that a run leaves behind. The same on every device.
 */
package org.quantcache.kernels.cache;
