package org.quantcache.codegen.executor;

import org.quantcache.codegen.tir.KernelForm;

/**
 * Keys of all heads, made before attention, as {@code fused.keys} or {@code quant.keys}.
 *
 * <p>Parameters: qkv, keys, [key scales], [k_norm], [rope]; numbers as {@code SelfAttentionSpec}. Work items: rows of heads,
 * of bytes samples * sequences * heads.
 *
 * @param length places of a sequence
 * @param norm whether keys are normed with {@code epsilon}
 * @param rope whether they are rotated
 * @param bytes whether they are rounded
 */
public record KeysForm(
    int heads, int headDim, int length, boolean norm, boolean rope, double epsilon, boolean bytes)
    implements KernelForm {
  @Override
  public String functionName() {
    return (bytes ? "byte_keys_h" : "keys_h") + heads + "_d" + headDim + "_l" + length
        + (norm ? "_norm_" + epsilon : "") + (rope ? "_rope" : "");
  }
}
