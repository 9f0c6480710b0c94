package org.quantcache.kernels.quant;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.TensorData;

/**
 * What a {@code weight.def} makes of a stored tensor {@code [rows, K]}, one output row at a time: selects the row,
 * multiplies by the factors of its input channels and of itself, rotates it, rounds it to a symmetric grid. Every
 * device gets its weights from here. Not thread-safe: rows share their scratch memory.
 */
public final class WeightRecipe {
  private final TensorData stored;
  private final List<Long> rows;
  private final float[] columns;
  private final float[] outputs;
  private final int outputCount;
  private final int inputs;
  private final int hadamard;
  private final int bits;
  private final double clip;
  private final int group;

  private final float[] raw;
  private final double[] work;

  private WeightRecipe(Attributes definition, Function<String, Optional<TensorData>> store) {
    String key = definition.string("key");
    this.stored = find(store, key);
    TensorType type = definition.type("type");
    List<Long> shape = stored.info().shape();
    long storedRows = shape.isEmpty() ? 1 : shape.get(0);
    this.inputs = Math.toIntExact(stored.info().elements() / Math.max(1, storedRows));
    this.rows = definition.has("rows") ? definition.longs("rows") : List.of();
    this.outputCount = rows.isEmpty() ? Math.toIntExact(storedRows) : rows.size();
    this.hadamard = (int) definition.integer("hadamard", 0);
    this.bits = (int) definition.integer("bits", 0);
    this.clip = definition.has("clip") ? definition.real("clip") : 1;
    this.group = (int) definition.integer("group", inputs);
    this.columns = vector(definition, "columns", inputs, store);
    this.outputs = vector(definition, "outputs", outputCount, store);
    this.raw = new float[inputs];
    this.work = new double[inputs];
    requireSizes(key, type, definition.word("part", "values"), storedRows);
  }

  /**
   * The recipe of a definition.
   *
   * @param store finds a stored tensor by key
   * @throws UserError RT0105 when a tensor is missing, RT0106 when one does not fit the definition
   */
  public static WeightRecipe of(
      Attributes definition, Function<String, Optional<TensorData>> store) {
    return new WeightRecipe(definition, store);
  }

  /** Whether a definition does more than select rows and convert. */
  public static boolean isNeeded(Attributes definition) {
    return definition.has("columns")
        || definition.has("outputs")
        || definition.has("hadamard")
        || definition.has("bits");
  }

  private static TensorData find(Function<String, Optional<TensorData>> store, String key) {
    return store
        .apply(key)
        .orElseThrow(() -> UserError.of("RT0105", "the weights hold no tensor '%s'", key));
  }

  private static float[] vector(
      Attributes definition, String name, int count, Function<String, Optional<TensorData>> store) {
    if (!definition.has(name)) {
      return new float[0];
    }
    String key = definition.string(name);
    TensorData data = find(store, key);
    if (data.info().elements() != count) {
      throw misfit(key, data.info().shape(), name + " needs " + count + " factors");
    }
    float[] out = new float[count];
    data.readFloats(0, out, count);
    return out;
  }

  private void requireSizes(String key, TensorType type, String part, long storedRows) {
    boolean values = part.equals("values");
    long expected = values ? type.constantElements().orElse(-1) : type.size(0);
    if (expected != (values ? (long) outputCount * inputs : outputCount)) {
      throw misfit(key, stored.info().shape(), "is read as " + part + " of " + type.text());
    }
    for (long row : rows) {
      if (row < 0 || row >= storedRows) {
        throw misfit(key, stored.info().shape(), "has no row " + row);
      }
    }
    if (hadamard > 0 && inputs % hadamard != 0) {
      throw misfit(key, stored.info().shape(), "is no row of blocks of " + hadamard + " channels");
    }
    if (group < 1 || (inputs > 0 && inputs % group != 0)) {
      throw misfit(key, stored.info().shape(), "is no row of groups of " + group + " channels");
    }
    if (!values && type.rank() == 2 && type.size(1) != groups()) {
      throw misfit(key, stored.info().shape(), "has " + groups() + " groups, not " + type.text());
    }
  }

  private static UserError misfit(String key, List<Long> shape, String problem) {
    return UserError.of("RT0106", "tensor '%s' of sizes %s: %s", key, shape, problem);
  }

  /** Rows of the result. */
  public int outputs() {
    return outputCount;
  }

  /** Elements of a row. */
  public int inputs() {
    return inputs;
  }

  /** Groups of channels of a row that have a scale of their own; 1 without groups. */
  public int groups() {
    return inputs == 0 ? 1 : inputs / group;
  }

  /** Bits of the grid, 0 for none. */
  public int bits() {
    return bits;
  }

  /** A row, balanced and rotated, before it is rounded to a grid. */
  public void floats(long output, float[] into) {
    long row = rows.isEmpty() ? output : rows.get((int) output);
    stored.readFloats(row * inputs, raw, inputs);
    double factor = outputs.length == 0 ? 1 : outputs[(int) output];
    for (int k = 0; k < inputs; k++) {
      work[k] = raw[k] * factor * (columns.length == 0 ? 1 : columns[k]);
    }
    if (hadamard > 1) {
      Hadamard.transform(work, inputs, hadamard);
    }
    for (int k = 0; k < inputs; k++) {
      into[k] = (float) work[k];
    }
  }

  /** A row on its grid, with the scale and the sum of the values of each group. */
  public void quantized(long output, byte[] values, float[] scales, int[] sums) {
    floats(output, raw);
    for (int g = 0; g < groups(); g++) {
      int first = g * group;
      double largest = 0;
      for (int k = first; k < Math.min(inputs, first + group); k++) {
        largest = Math.max(largest, Math.abs(raw[k]));
      }
      int most = (1 << (bits - 1)) - 1;
      // A scale that is no normal float would lose the row; such a row counts as zeros.
      float scale = (float) (clip * largest / most);
      scales[g] = scale < Float.MIN_NORMAL ? 1 : scale;
      sums[g] = 0;
      for (int k = first; k < Math.min(inputs, first + group); k++) {
        double value = Math.rint((double) raw[k] / scales[g]);
        values[k] = (byte) Math.max(-most, Math.min(most, value));
        sums[g] += values[k];
      }
    }
  }
}
