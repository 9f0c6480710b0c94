package org.quantcache.tools.layers;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Attention with the roundings to bf16 that tensor cores ask for beside those of operands and result, which the definition
 * does not have: of queries and keys that were normed and rotated, and of weights before they are multiplied with values.
 * Everything else is in double. No text has lengths of its own, and 64 keys at most are taken at once.
 */
final class TensorCoreAttention {
  private static final int MOST_KEYS = 64;

  private final int heads;
  private final int dim;
  private final double scale;
  private final Tensor out;

  private TensorCoreAttention(Operation operation, Tensor out) {
    Attributes attributes = operation.attributes();
    this.heads = (int) attributes.integer("heads");
    this.scale = attributes.real("scale");
    this.dim = (int) out.size(-1) / heads;
    this.out = out;
  }

  static boolean isAttention(Operation operation) {
    return operation.is(FusedOps.ATTENTION) || operation.is(FusedOps.CROSS_ATTENTION);
  }

  /** The result [B, T, S, C] of an attention. @param operands values by operand */
  static Tensor of(Operation operation, Function<Value, Tensor> operands) {
    List<Tensor> inputs = operation.operands().stream().map(operands).toList();
    List<Long> sizes = operation.result().type().dims().stream()
        .map(d -> d.constant().getAsLong())
        .toList();
    TensorCoreAttention made =
        new TensorCoreAttention(operation, Tensor.zeros(ScalarType.BF16, sizes));
    if (operation.is(FusedOps.ATTENTION)) {
      made.within(operation.attributes(), inputs);
    } else {
      made.toText(inputs.get(0), inputs.get(1));
    }
    return made.out;
  }

  private void within(Attributes attributes, List<Tensor> inputs) {
    int frames = (int) out.size(1);
    int places = (int) out.size(2);
    boolean alongFrames = attributes.integer("axis") == 1;
    int length = alongFrames ? frames : places;
    int others = alongFrames ? places : frames;
    int step = alongFrames ? places : 1;
    IntStream.range(0, (int) out.size(0) * others * heads).parallel().forEach(item -> {
      int head = item % heads;
      int other = item / heads % others;
      int first = item / heads / others * frames * places + (alongFrames ? other : other * places);
      double[][] q = new double[length][];
      double[][] k = new double[length][];
      double[][] v = new double[length][];
      for (int i = 0; i < length; i++) {
        int row = first + i * step;
        q[i] = prepared(attributes, inputs, 0, row, head, i);
        k[i] = prepared(attributes, inputs, 1, row, head, i);
        v[i] = part(inputs.get(0), row, 2 * heads + head);
      }
      for (int i = 0; i < length; i++) {
        mix(q[i], k, v, (first + i * step) * heads + head);
      }
    });
  }

  private void toText(Tensor q, Tensor text) {
    int tokens = (int) text.size(1);
    int rows = (int) (out.size(1) * out.size(2));
    int queryRows = (int) q.size(0) * rows;
    IntStream.range(0, (int) out.size(0) * rows).parallel().forEach(row -> {
      for (int head = 0; head < heads; head++) {
        double[][] k = new double[tokens][];
        double[][] v = new double[tokens][];
        for (int i = 0; i < tokens; i++) {
          k[i] = part(text, row / rows * tokens + i, head);
          v[i] = part(text, row / rows * tokens + i, heads + head);
        }
        mix(part(q, row % queryRows, head), k, v, row * heads + head);
      }
    });
  }

  /** The channels of a head, {@code index} heads into a row. */
  private double[] part(Tensor tensor, int row, int index) {
    double[] values = new double[dim];
    for (int c = 0; c < dim; c++) {
      values[c] = tensor.get((int) (row * tensor.size(-1)) + index * dim + c);
    }
    return values;
  }

  /** A query or a key, {@code which} 0 or 1. */
  private double[] prepared(
      Attributes attributes, List<Tensor> inputs, int which, int row, int head, int place) {
    double[] x = part(inputs.get(0), row, which * heads + head);
    if (attributes.flag("norm")) {
      double squares = 0;
      for (double value : x) {
        squares += value * value;
      }
      double factor = 1 / Math.sqrt(squares / dim + attributes.real("epsilon"));
      for (int c = 0; c < dim; c++) {
        x[c] *= factor * inputs.get(1 + which).get(c);
      }
    }
    if (attributes.flag("rope")) {
      Tensor table = inputs.get(inputs.size() - 1);
      for (int c = 0; c < dim; c += 2) {
        double cosine = table.get(place * dim + c);
        double sine = table.get(place * dim + c + 1);
        double even = x[c];
        x[c] = even * cosine - x[c + 1] * sine;
        x[c + 1] = x[c + 1] * cosine + even * sine;
      }
    }
    for (int c = 0; c < dim; c++) {
      x[c] = rounded(x[c]);
    }
    return x;
  }

  private void mix(double[] query, double[][] keys, double[][] values, int to) {
    if (keys.length > MOST_KEYS) {
      throw new IllegalArgumentException(keys.length + " keys are not taken at once");
    }
    double[] weights = new double[keys.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < keys.length; i++) {
      for (int c = 0; c < dim; c++) {
        weights[i] += query[c] * keys[i][c] * scale;
      }
      largest = Math.max(largest, weights[i]);
    }
    double sum = 0;
    for (int i = 0; i < keys.length; i++) {
      weights[i] = Math.exp(weights[i] - largest);
      sum += weights[i];
    }
    for (int c = 0; c < dim; c++) {
      double mixed = 0;
      for (int i = 0; i < keys.length; i++) {
        mixed += rounded(weights[i]) * values[i][c];
      }
      out.set(to * dim + c, mixed / sum);
    }
  }

  private static double rounded(double value) {
    return HalfFloats.fromBfloat16(HalfFloats.toBfloat16((float) value));
  }
}
