/**
 * Activations of 16 bits. Before and after:
 *
 * <pre>
 * %a = nn.linear(%x, %w) : f32[2, 4]
 *
 * %n = tensor.cast(%x) : bf16[2, 6]
 * %a = nn.linear(%n, %w) : bf16[2, 4]
 * </pre>
 */
package org.quantcache.passes.narrow;
