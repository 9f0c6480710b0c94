package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.quantcache.codegen.executor.FinalStepForm;
import org.quantcache.codegen.executor.PatchEmbedForm;
import org.quantcache.codegen.executor.PatchGrid;
import org.quantcache.ir.types.ScalarType;

/**
 * The two ends of a step. Products of so few columns, or so few channels, are bound by what is read and written, so they
 * are computed in f32 and round once.
 */
public final class LatentKernels {
  private static final int WARP = 32;
  private static final int MOST_THREADS = 256;

  /** As {@code BLOCK_TOKENS} of {@code patch_embed.cu}. */
  private static final int EMBED_TOKENS = 32;

  private static final int STEP_THREADS = 128;

  /** On a multiprocessor at once. */
  private static final int STEP_BLOCKS = 3;

  private static final int STEP_BLOCKS_OF_FLOATS = 2;

  /** As {@code WARP_TOKENS} of {@code final_step.cu}. */
  private static final int STEP_WARP_TOKENS = 2;

  /** Channels of a token that a thread takes at once, where there are so many. */
  private static final int EMBED_WIDTH = 2;

  private static final int STEP_WIDTH = 4;

  /** Elements of a patch that a thread reads at once. */
  private static final int EMBED_STEP = 4;

  private LatentKernels() {}

  /**
   * Patches to tokens. Work items are tokens.
   *
   * @param types kinds of z, w, bias, position, out
   */
  public static CudaKernel of(PatchEmbedForm form, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 5);
    Parameters parameters = new Parameters()
        .in("z", types.get(0))
        .in("weight", float32(types.get(1)))
        .in("bias", float32(types.get(2)))
        .in("position", types.get(3))
        .out("out", types.get(4));
    int width = form.channels() % EMBED_WIDTH == 0 ? EMBED_WIDTH : 1;
    int threads = threads(form.channels() / width);
    String name = DeviceTypes.functionName(
        form.functionName(), List.of(types.get(0), types.get(3), types.get(4)));
    Map<String, String> holes = Map.of(
        "name", name,
        "threads", Integer.toString(threads),
        "parameters", parameters.text(),
        "grid", text(form.grid()),
        "channels", Integer.toString(form.channels()),
        "width", Integer.toString(width),
        "step", Integer.toString(form.grid().elements() % EMBED_STEP == 0 ? EMBED_STEP : 1));
    return new CudaKernel(name, "patch_embed", holes, threads, 0, EMBED_TOKENS, 1);
  }

  /**
   * Tokens to the next latent. Work items are tokens of the latent.
   *
   * @param types kinds of x, shift, scale, w, bias, z, guidance, step size, out
   */
  public static CudaKernel of(FinalStepForm form, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 9);
    Parameters parameters = new Parameters();
    List<String> activations = List.of("x", "shift", "scale");
    for (int i = 0; i < activations.size(); i++) {
      parameters.in(activations.get(i), types.get(i));
    }
    List<String> floats = new ArrayList<>(List.of("weight", "bias", "z", "guidance", "step_size"));
    for (int i = 0; i < floats.size(); i++) {
      parameters.in(floats.get(i), float32(types.get(activations.size() + i)));
    }
    parameters
        .out("out", float32(types.get(types.size() - 1)))
        .integers("rows_per_sample", "rows_per_frame", "samples", "frames");
    String name =
        DeviceTypes.functionName(form.functionName(), types.subList(0, activations.size()));
    Map<String, String> holes = Map.of(
        "name",
        name,
        "threads",
        Integer.toString(STEP_THREADS),
        "blocks",
        Integer.toString(types.get(0) == ScalarType.F32 ? STEP_BLOCKS_OF_FLOATS : STEP_BLOCKS),
        "parameters",
        parameters.text(),
        "grid",
        text(form.grid()),
        "channels",
        Integer.toString(form.channels()),
        "outputs",
        Integer.toString(form.outputs()),
        "width",
        Integer.toString(form.channels() % STEP_WIDTH == 0 ? STEP_WIDTH : 1),
        "epsilon",
        (float) form.epsilon() + "f");
    int items = STEP_THREADS / WARP * STEP_WARP_TOKENS;
    return new CudaKernel(name, "final_step", holes, STEP_THREADS, 0, items, 1);
  }

  /** Whole warps of which the last round of a block wastes the least. */
  private static int threads(int units) {
    int rounds = (units + MOST_THREADS - 1) / MOST_THREADS;
    int each = (units + rounds - 1) / rounds;
    return (each + WARP - 1) / WARP * WARP;
  }

  private static ScalarType float32(ScalarType type) {
    if (type != ScalarType.F32) {
      throw new IllegalArgumentException(
          "the ends of a step read weights and latents of f32, found " + type.text());
    }
    return type;
  }

  private static String text(PatchGrid grid) {
    return grid.numbers().stream().map(n -> Long.toString(n)).collect(Collectors.joining(", "));
  }
}
