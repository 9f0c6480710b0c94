/**
 * Drops work that the program at hand does not need; model section 3.10, points 1, 4 and 5. All of it is exact.
 *
 * <p>A frame mask that is all true decides its selects, and a real one chooses among small rows before the large work:
 *
 * <pre>{@code
 *   %p = nn.modulate(%x, %a, %b)                     %s = math.select(%m, %a, %a0)
 *   %q = nn.modulate(%x, %a0, %b0)         becomes   %t = math.select(%m, %b, %b0)
 *   %r = math.select(%m, %p, %q)                     %r = nn.modulate(%x, %s, %t)
 * }</pre>
 *
 * <p>The copies that guidance makes sink through everything that treats samples alike, and readers that spread their
 * operands along the batch take the one copy:
 *
 * <pre>{@code
 *   %x = tensor.repeat(%z) <times = 2>               %p = nn.linear(%z, %w) : f32[1, ...]
 *   %p = nn.linear(%x, %w) : f32[2, ...]   becomes   %c = nn.cross_attention(%p, %k, %v) : f32[2, ...]
 *   %c = nn.cross_attention(%p, %k, %v)
 * }</pre>
 *
 * <p>A slice of the prediction's channels moves up to the last linear, of whose weight only the live rows stay:
 *
 * <pre>{@code
 *   %p = nn.linear(%x, %w) : f32[..., 32]
 *   %q = tensor.reshape(%p)                becomes   %p = nn.linear(%x, %v) : f32[..., 16]
 *   %r = tensor.slice(%q)                            weight.def @w.v1 <rows = [0, 1, 2, 3, 8, ...]>
 * }</pre>
 */
package org.quantcache.passes.specialize;
