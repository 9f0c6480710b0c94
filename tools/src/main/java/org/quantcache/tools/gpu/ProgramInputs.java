package org.quantcache.tools.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.ProgramSignature.Parameter;
import org.quantcache.kernels.tensor.Tensor;

/** Seeded inputs of the programs of {@link KernelPrograms}; the name of a parameter says what it holds. */
final class ProgramInputs {
  private static final int MOST_BITS = 9;
  private static final int BYTES = 256;
  private static final int HALVES_OF_BYTES = 16;
  /** Rows of very small, very large and denormal numbers, and of zeros. */
  private static final float[] DEVIATIONS = {1, 1e-30f, 1e33f, 1e-41f, 0};

  private static final int CONSTANT_ROWS = 7;
  private static final float[] SCALARS = {3, 240, 426, 51};
  private static final List<String> SCALAR_NAMES =
      List.of("guidance", "height", "width", "num_frames");

  private ProgramInputs() {}

  /**
   * Inputs of a run.
   *
   * @param sizes values of the symbolic sizes
   */
  static Map<String, Tensor> of(ProgramSignature signature, Map<String, Long> sizes, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (Parameter parameter : signature.parameters()) {
      List<Long> shape =
          parameter.type().dims().stream().map(d -> d.evaluate(sizes::get)).toList();
      Tensor tensor = Tensor.zeros((ScalarType) parameter.type().element(), shape);
      int channels = shape.isEmpty() ? 1 : (int) tensor.size(-1);
      for (int i = 0; i < tensor.count(); i++) {
        tensor.set(i, value(parameter.name(), i, channels, sizes, random));
      }
      out.put(parameter.name(), tensor);
    }
    return out;
  }

  private static double whole(int numbers, int row, int channel, Random random) {
    boolean largest = channel == 1 || row % CONSTANT_ROWS == 2;
    return channel == 0 ? 0 : largest ? numbers - 1 : random.nextInt(numbers);
  }

  private static double value(
      String name, int index, int channels, Map<String, Long> sizes, Random random) {
    int scalar = SCALAR_NAMES.indexOf(name);
    if (scalar >= 0) {
      return SCALARS[scalar];
    }
    int row = index / channels;
    int channel = index % channels;
    return switch (name) {
      // Both ends in every row, so that a step is 1; some rows are as large as can be.
      case "whole8" -> whole(BYTES, row, channel, random);
      case "whole4" -> whole(HALVES_OF_BYTES, row, channel, random);
      case "varied" ->
        row % CONSTANT_ROWS == 3
            ? row
            : random.nextGaussian() * DEVIATIONS[row % DEVIATIONS.length];
      case "bits" -> random.nextInt(MOST_BITS + 1);
      // One sample uses all of its text, one less of it, down to a single token.
      case "lengths" ->
        index == 0 ? sizes.get("L") : 1 + random.nextInt(sizes.get("L").intValue());
      default -> random.nextGaussian();
    };
  }
}
