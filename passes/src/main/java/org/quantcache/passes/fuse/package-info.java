/**
 * Merges operations so that one of them is one kernel. One class is one rule, with the cases in which it stays away.
 *
 * <pre>{@code
 *   %n = nn.layer_norm(%x)                                 %m = fused.norm_modulate(%x, %shift, %scale)
 *   %m = nn.modulate(%n, %shift, %scale)
 *   %p = nn.linear(%m, %w, %b)                   becomes   %s = fused.linear(%m, %w, %b, %gate, %r)
 *   %g = math.mul(%gate, %p)                                        <epilogue = [bias, gate, residual]>
 *   %s = math.add(%r, %g)
 * }</pre>
 *
 * <p>Likewise for attention with the cutting, norming and rotating of its q, k and v, for cross-attention, and for
 * guidance with the step of the sampler. The two ends of a step, from latents to tokens and back, follow behind the passes
 * that look for the layers between them. A value that anybody else reads, such as a tap, is never fused away.
 */
package org.quantcache.passes.fuse;
