/**
 * Simplifies a graph; every rule is exact and none makes it dearer. Weights take over the casts and reshapes that
 * stand behind them:
 *
 * <pre>{@code
 *   %w = weight.get <weight = @w> : f16[2, 6]                   %s = weight.get <weight = @w.v1> : f32[3, 4]
 *   %c = tensor.cast(%w) : f32[2, 6]                  becomes
 *   %s = tensor.reshape(%c) : f32[3, 4]                         weight.def @w.v1 <key = "w", type = f32[3, 4]>
 * }</pre>
 *
 * <p>Filled constants take over movements and decide selects, movements that undo each other vanish, equal values are
 * computed once, and what nobody reads is removed.
 */
package org.quantcache.passes.fold;
