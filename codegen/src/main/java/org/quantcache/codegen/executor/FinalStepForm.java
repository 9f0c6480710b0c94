package org.quantcache.codegen.executor;

import org.quantcache.codegen.tir.KernelForm;

/**
 * The final layer, the joining of patches and the step of the sampler, as {@code fused.final_step}.
 *
 * <p>Parameters: x, shift, scale, w, bias, z, guidance, dt, out (may be z); rows per sample, rows per frame, samples and
 * frames of shift and scale. Work items: tokens of all videos.
 *
 * @param channels of a token
 * @param outputs channels of the product at each place of a patch
 * @param epsilon of the norm
 */
public record FinalStepForm(PatchGrid grid, int channels, int outputs, double epsilon)
    implements KernelForm {
  @Override
  public String functionName() {
    return "final_step_" + grid.text() + "_c" + channels + "_o" + outputs + "_" + epsilon;
  }
}
