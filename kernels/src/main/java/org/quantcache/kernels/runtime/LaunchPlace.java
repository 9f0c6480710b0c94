package org.quantcache.kernels.runtime;

/**
 * What a launch does for the model.
 *
 * @param at location of the operation that it serves, such as {@code spatial_blocks.0.attn.qkv}
 * @param operation its name, such as {@code fused.linear}
 */
public record LaunchPlace(String at, String operation) {
  /** Of launches that do not say what they serve. */
  public static final LaunchPlace UNKNOWN = new LaunchPlace("unknown", "unknown");
}
