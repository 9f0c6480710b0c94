/**
 * Hierarchical latent caching: guards around work whose result may be reused at the next steps; method section 1.
 *
 * <pre>{@code
 *                                                %s = cache.slot : f32[2, 8, 64, 128]
 *                                                %p = cache.slot : f32[2, 8, 64, 128]
 *   step.loop(..) {|%step, ..|                   step.loop(..) {|%step, ..|
 *     %e = nn.linear(..)                           %e = nn.linear(..)
 *     %a = fused.linear(.., %e) [residual]         %y = cache.guard(%step, %e, %s) <name = "stack", policy = ..> {
 *     %b = fused.linear(.., %a) [residual]           %a = fused.linear(.., %e) [residual]
 *     use(%b)                                        cache.probe(%a, %e, %p) <guard = "stack">
 *   }                                                %b = fused.linear(.., %a) [residual]
 *                                                    step.yield(%b)
 *                                                  }
 *                                                  use(%y)
 *                                                }
 * }</pre>
 *
 * With {@code accumulate=0.1} what the stack reads is measured, in front of the guard and at every step:
 *
 * <pre>{@code
 *   %m = fused.norm_modulate(%e, %shift, %scale)   %m = fused.norm_modulate(%e, %shift, %scale)
 *                                                  cache.probe(%m, %p) <guard = "stack">
 *                                                  %y = cache.guard(%step, %e, %s) <name = "stack", policy = ..> {
 *   %q = fused.linear(%m, ..)                        %q = fused.linear(%m, ..)
 * }</pre>
 */
package org.quantcache.passes.hlc;
