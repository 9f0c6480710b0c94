/** Leaving layers out of a step, at run time: structural redundancy-aware pruning, method section 3. */
package org.quantcache.kernels.prune;
