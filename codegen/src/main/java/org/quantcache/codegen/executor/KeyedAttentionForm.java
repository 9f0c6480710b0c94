package org.quantcache.codegen.executor;

import org.quantcache.codegen.tir.KernelForm;
import org.quantcache.codegen.tir.SelfAttentionSpec;

/**
 * Attention to keys that were made before, as {@code fused.keyed_attention}.
 *
 * <p>Parameters: qkv, out, [q_norm], [rope], keys, [key scales]; numbers and work items as {@code SelfAttentionSpec}.
 *
 * @param attention what becomes of queries and scores
 * @param bytes whether keys are bytes with scales
 */
public record KeyedAttentionForm(SelfAttentionSpec attention, boolean bytes) implements KernelForm {
  @Override
  public String functionName() {
    return (bytes ? "byte_" : "keyed_") + attention.functionName();
  }
}
