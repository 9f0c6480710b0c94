package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.quant.RowQuantizer;
import org.quantcache.kernels.quant.WeightRecipe;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.RoundedWeight;

/**
 * Measures what rounding costs in one product, over the sampled rows X {@code [R, K]} of its input: for a weight W that
 * becomes W + D the relative squared error of the output is {@code tr(D G D^T) / tr(W G W^T)} with the Gram matrix
 * {@code G = X^T X}, for an input that becomes X + E it is {@code |E W^T|^2 / tr(W G W^T)}. Recipes are those that
 * artifacts are written with, so that what is measured is what runs.
 */
final class LayerStudy {
  /** Outputs that stand for all. */
  private static final int MOST_OUTPUTS = 128;

  /** Rows of which the rounding of activations is measured. */
  private static final int MOST_ROUNDED_ROWS = 256;

  private static final int LARGEST_BLOCK = 128;
  private static final List<Integer> GROUPS = List.of(0, 64, 32);
  private static final List<Double> CLIPS = List.of(1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7);

  private final String key;
  private final WeightStore weights;
  private final InputSample.Layer sample;
  private final int outputs;
  private final int inputs;
  private final int[] chosen;

  /**
   * A study.
   *
   * @param key of the weight, a matrix {@code [N, K]}
   * @param weights the checkpoint with its balances
   */
  LayerStudy(String key, WeightStore weights, InputSample.Layer sample) {
    this.key = key;
    this.weights = weights;
    this.sample = sample;
    List<Long> shape = weights.find(key).orElseThrow().info().shape();
    this.outputs = Math.toIntExact(shape.get(0));
    this.inputs = sample.largest.length;
    this.chosen = new int[Math.min(MOST_OUTPUTS, outputs)];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = (int) ((long) i * outputs / chosen.length);
    }
  }

  /** Every basis with every width and group. */
  List<Basis> bases() {
    List<Basis> out = new ArrayList<>();
    for (double balance : Basis.BALANCES) {
      out.add(basis(balance, false));
      if (block(inputs) > 0) {
        out.add(basis(balance, true));
      }
    }
    return out;
  }

  /** Channels of a rotated block: the largest power of two that divides the width; 0 for none. */
  static int block(int channels) {
    int block = Math.min(LARGEST_BLOCK, Integer.lowestOneBit(channels));
    return block > 1 ? block : 0;
  }

  private Basis basis(double balance, boolean rotated) {
    Attributes recipe = recipe(key, outputs, inputs, 0, 0, 1, rotated);
    if (balance > 0) {
      recipe = recipe.with("columns", Attribute.string(BalancedWeights.factors(key, balance)));
    }
    float[][] rows = prepared(balance, rotated);
    float[][] exact = new float[chosen.length][inputs];
    WeightRecipe floats = WeightRecipe.of(recipe, weights::find);
    for (int i = 0; i < chosen.length; i++) {
      floats.floats(chosen[i], exact[i]);
    }
    QuadraticForm gram = QuadraticForm.gram(rows, inputs);
    double size = Math.max(gram.sum(exact), Double.MIN_NORMAL);
    List<Double> activations = new ArrayList<>();
    for (int bits : Basis.BITS) {
      activations.add(activationError(rows, exact, bits) / size);
    }
    List<RoundedWeight> rounded = new ArrayList<>();
    for (int bits : Basis.BITS) {
      for (int group : GROUPS) {
        if (group < inputs && (group == 0 || inputs % group == 0)) {
          rounded.add(best(recipe, bits, group, exact, gram, size));
        }
      }
    }
    return new Basis(balance, rotated, activations, rounded);
  }

  /** The recipe of a weight; 0 bits leave it in floats. */
  static Attributes recipe(
      String key, int outputs, int inputs, int bits, int group, double clip, boolean rotated) {
    Granularity shares = group > 0 ? Granularity.GROUP : Granularity.CHANNEL;
    TensorType type = bits == 0
        ? TensorType.of(ScalarType.F32, outputs, inputs)
        : TensorType.of(new QuantType(bits, 8, shares, group, ScalarType.F32), outputs, inputs);
    Attributes out = Attributes.of("key", Attribute.string(key)).with("type", Attribute.type(type));
    if (rotated) {
      out = out.with("hadamard", Attribute.of(block(inputs)));
    }
    if (bits > 0) {
      out = out.with("bits", Attribute.of(bits)).with("clip", Attribute.of(clip));
    }
    return group > 0 ? out.with("group", Attribute.of(group)) : out;
  }

  /** The sampled rows, balanced and rotated as kernels do it. */
  private float[][] prepared(double balance, boolean rotated) {
    float[] inverse = new float[0];
    if (balance > 0) {
      inverse = new float[inputs];
      weights
          .find(BalancedWeights.inverse(key, balance))
          .orElseThrow()
          .readFloats(0, inverse, inputs);
    }
    float[][] out = new float[sample.rows.size()][];
    for (int r = 0; r < out.length; r++) {
      out[r] = sample.rows.get(r).clone();
      RowQuantizer.prepare(out[r], inputs, inverse, rotated ? block(inputs) : 0);
    }
    return out;
  }

  /** The clip of the least error: clips are tried in falling order until the error rises. */
  private RoundedWeight best(
      Attributes floats, int bits, int group, float[][] exact, QuadraticForm gram, double size) {
    RoundedWeight best = null;
    for (double clip : CLIPS) {
      Attributes recipe = recipe(key, outputs, inputs, bits, group, clip, floats.has("hadamard"));
      if (floats.has("columns")) {
        recipe = recipe.with("columns", floats.get("columns"));
      }
      double error = gram.sum(differences(recipe, exact, Math.max(1, group))) / size;
      if (best != null && error >= best.error()) {
        break;
      }
      best = new RoundedWeight(bits, group, clip, error);
    }
    return best;
  }

  private float[][] differences(Attributes definition, float[][] exact, int group) {
    WeightRecipe recipe = WeightRecipe.of(definition, weights::find);
    byte[] values = new byte[inputs];
    float[] scales = new float[recipe.groups()];
    int[] sums = new int[recipe.groups()];
    int channels = group > 1 ? group : inputs;
    float[][] out = new float[exact.length][inputs];
    for (int i = 0; i < exact.length; i++) {
      recipe.quantized(chosen[i], values, scales, sums);
      for (int k = 0; k < inputs; k++) {
        out[i][k] = values[k] * scales[k / channels] - exact[i][k];
      }
    }
    return out;
  }

  /** Squared error of the outputs, by the number of rows. */
  private double activationError(float[][] rows, float[][] weight, int bits) {
    int count = Math.min(rows.length, MOST_ROUNDED_ROWS);
    float[] error = new float[inputs];
    float[] product = new float[weight.length];
    float[][] transposed = new float[inputs][weight.length];
    for (int n = 0; n < weight.length; n++) {
      for (int k = 0; k < inputs; k++) {
        transposed[k][n] = weight[n][k];
      }
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      float[] row = rows[(int) ((long) i * rows.length / count)];
      RowQuantizer.Grid grid = RowQuantizer.grid(row, 0, inputs, bits);
      for (int k = 0; k < inputs; k++) {
        error[k] = (float) (grid.number(grid.value(row[k])) - row[k]);
      }
      QuadraticForm.multiply(error, transposed, product);
      for (float value : product) {
        sum += (double) value * value;
      }
    }
    return sum / count;
  }
}
