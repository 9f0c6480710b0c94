/**
 * Shows inner values of the sampling loop to whoever follows it.
 *
 * <pre>{@code
 *   %y = fused.linear(.., %a) [residual]      %y = fused.linear(.., %a) [residual]
 *                                             %p = math.sub(%y, %e)
 *                                             step.observe(%step, %p) <name = "stack">
 * }</pre>
 */
package org.quantcache.passes.observe;
