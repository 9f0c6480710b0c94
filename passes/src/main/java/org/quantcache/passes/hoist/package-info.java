/**
 * Moves what is the same in every step in front of the denoising loop: the caption MLP, keys and values of the text,
 * tables, the embedding of the frame rate; model section 3.10, points 2 and 3.
 *
 * <pre>{@code
 *   step.loop(%grid, %z) {|%i, %x|                   %kv = nn.linear(%text, %w)
 *     %kv = nn.linear(%text, %w)           becomes   step.loop(%grid, %z) {|%i, %x|
 *     ...                                              ...
 *   }                                                }
 * }</pre>
 *
 * <p>Stays inside: what reads the step or a carried value, and what has an effect.
 */
package org.quantcache.passes.hoist;
