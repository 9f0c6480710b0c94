/**
 * Places every value of a function in one arena. Values that are alive at the same time lie apart; views lie where
 * their operand lies; a result may take the place of an operand that dies where its kernel allows that.
 *
 * <pre>{@code
 *   func @f(%x: f32[2, 16]) {                              func @f(%x: f32[2, 16]) <arena_bytes = 256, params_at = [0]> {
 *     %a = nn.silu(%x)                           becomes     %a = nn.silu(%x) <at = [128]>
 *     %b = tensor.reshape(%a)                                %b = tensor.reshape(%a) <at = [128]>
 *     %c = nn.gelu(%b)                                       %c = nn.gelu(%b) <at = [0]>
 * }</pre>
 *
 * <p>Symbolic sizes count at their bounds. {@link org.quantcache.passes.memory.MemoryPlanChecker} proves each plan by
 * going through the program, without looking at how the plan was made.
 */
package org.quantcache.passes.memory;
