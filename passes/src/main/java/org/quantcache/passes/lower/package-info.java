/**
 * Leaves only what the cpu device runs, and refuses a module with anything else.
 *
 * <pre>{@code
 *   %w = weight.get <weight = @w> : f16[64, 32]            %w = weight.get <weight = @w.v1> : f16[64, 32; #panel32]
 *   %p = nn.linear(%x, %w, %b)                   becomes   %p = fused.linear(%x, %w, %b) <epilogue = [bias]>
 * }</pre>
 *
 * Rounding of rows that share one range becomes three operations ({@code SplitRows}).
 */
package org.quantcache.passes.lower;
