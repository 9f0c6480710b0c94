/**
 * Structural redundancy-aware pruning: branches around layers that may be left out of a step; method section 3.
 *
 * <pre>{@code
 *                                                %h = cache.slot : f32[2, 8, 64, 128]
 *                                                %c = cache.slot : f32[2, 8, 64, 128]
 *   step.loop(..) {|%step, ..|                   step.loop(..) {|%step, ..|
 *     %a = fused.linear(.., %x) [residual]         %a = fused.linear(.., %x) [residual]
 *                                                  prune.probe(%a, %x, %h) <kind = "spatial", layer = 0, similarity>
 *     %b = fused.linear(.., %a) [residual]         %b = fused.linear(.., %a) [residual]
 *                                                  prune.probe(%b, %a, %h) <kind = "spatial", layer = 1, similarity>
 *     %d = fused.linear(.., %b) [residual]         %y = prune.branch(%step, %b, %c) <kind = "spatial", layer = 2, ..> {
 *                                                    %d = fused.linear(.., %b) [residual]
 *                                                     step.yield(%d)
 *                                                  }
 *     use(%d)                                      use(%y)
 *   }                                            }
 * }</pre>
 */
package org.quantcache.passes.srap;
