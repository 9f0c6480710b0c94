/** Decisions of a run made again from its trace, with what each of them rested on. */
package org.quantcache.kernels.explain;
