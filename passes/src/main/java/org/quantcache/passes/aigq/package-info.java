/**
 * Adaptive importance-guided quantization: the products of the block stack on whole numbers; method section 2.
 *
 * <pre>{@code
 *   %n = fused.norm_modulate(%x, %shift, %scale)      %v, %r = quant.rows(%x, %shift, %scale) <prologue = [norm_modulate],
 *                                                                  bits = 6, hadamard = 128, granularity = token>
 *   %h = fused.linear(%n, %w, %b) [bias, gelu]        %h = quant.linear(%v, %r, %w4, %s4, %t4, %b) [bias]
 *                                                     %u, %q = quant.rows(%h) <prologue = [gelu], ...>
 *   %y = fused.linear(%h, %o, ..) [bias, residual]    %y = quant.linear(%u, %q, %o4, ..) [bias, residual]
 * }</pre>
 *
 * With {@code activations=0.1:4/0.2:6/8} behind a guard that measures:
 *
 * <pre>{@code
 *   %x = cache.guard(...) <name = "stack", ...> {      %x = cache.guard(...) <name = "stack", ...> {
 *                                                        %b = cache.bits <guard = "stack", policy = #bits<...>>
 *     %y = fused.linear(%n, %w, ..)                      %v, %r = quant.rows(%n, %b) <bits = 8, dynamic = true, ...>
 *                                                        %y = quant.linear(%v, %r, ..)
 * }</pre>
 */
package org.quantcache.passes.aigq;
