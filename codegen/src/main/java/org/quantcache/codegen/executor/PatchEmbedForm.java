package org.quantcache.codegen.executor;

import org.quantcache.codegen.tir.KernelForm;

/**
 * Patches of latents, their product and the table of positions, as {@code fused.patch_embed}.
 *
 * <p>Parameters: z, w, bias, position, out. Work items: tokens of all samples.
 *
 * @param channels of a token
 */
public record PatchEmbedForm(PatchGrid grid, int channels) implements KernelForm {
  @Override
  public String functionName() {
    return "patch_embed_" + grid.text() + "_c" + channels;
  }
}
