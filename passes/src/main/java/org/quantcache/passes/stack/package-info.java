/** The residual stream of the block stack, found by its structure: what caching, quantization and pruning act on. */
package org.quantcache.passes.stack;
