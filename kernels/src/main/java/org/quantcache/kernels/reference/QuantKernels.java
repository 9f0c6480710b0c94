package org.quantcache.kernels.reference;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.kernels.quant.RowQuantizer;
import org.quantcache.kernels.quant.RowQuantizer.Extremes;
import org.quantcache.kernels.quant.RowQuantizer.Grid;
import org.quantcache.kernels.reference.Kernel.Call;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Quantized operations. The prologue is computed as its own operation would be, in double; from the numbers that it
 * leaves on, the grid is found and met in f32 step by step as kernels do, for rounding knows no tolerance.
 */
final class QuantKernels {
  private QuantKernels() {}

  static void register(Map<String, Kernel> table) {
    table.put(QuantOps.ROWS, QuantKernels::rows);
    table.put(QuantOps.EXTREMES, QuantKernels::extremes);
    table.put(QuantOps.GRID, QuantKernels::grid);
    table.put(QuantOps.ROUND, QuantKernels::round);
    table.put(QuantOps.LINEAR, QuantKernels::linear);
    table.put(ProbedOps.QUANT_LINEAR, QuantKernels::linear);
  }

  private static List<Tensor> rows(Call call) {
    float[] x = prepared(call);
    int bits = bits(call, nextOperand(call));
    Tensor values = Tensor.zeros(call.element(), call.sizes());
    Tensor range = Tensor.zeros(call.results().get(1), call.resultSizes().get(1));
    boolean perTensor = call.attributes().word("granularity").equals("tensor");
    int perGrid = perTensor ? x.length : (int) call.input(0).size(-1);
    for (int i = 0; i < range.count() / 2; i++) {
      Grid grid = RowQuantizer.grid(x, i * perGrid, perGrid, bits);
      put(range, i, grid.step(), grid.least());
      round(x, i * perGrid, perGrid, grid, values);
    }
    return List.of(values, range);
  }

  private static List<Tensor> extremes(Call call) {
    float[] x = prepared(call);
    int channels = (int) call.input(0).size(-1);
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    for (int row = 0; row < out.count() / 2; row++) {
      Extremes found = RowQuantizer.extremes(x, row * channels, channels);
      put(out, row, found.least(), found.largest());
    }
    return List.of(out);
  }

  private static List<Tensor> grid(Call call) {
    float[] extremes = call.input(0).floats();
    // The smallest of all is among the smallest of the rows, and so is the largest.
    Grid grid = RowQuantizer.grid(extremes, 0, extremes.length, bits(call, 1));
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    put(out, 0, grid.step(), grid.least());
    return List.of(out);
  }

  private static List<Tensor> round(Call call) {
    float[] x = prepared(call);
    int operand = nextOperand(call);
    float[] pair = call.input(operand).floats();
    Grid grid = new Grid(pair[0], pair[1], (1 << bits(call, operand + 1)) - 1);
    Tensor values = Tensor.zeros(call.element(), call.sizes());
    round(x, 0, x.length, grid, values);
    return List.of(values);
  }

  private static void put(Tensor pairs, int index, float first, float second) {
    pairs.set(2 * index, first);
    pairs.set(2 * index + 1, second);
  }

  private static void round(float[] x, int first, int count, Grid grid, Tensor values) {
    for (int i = first; i < first + count; i++) {
      values.set(i, grid.value(x[i]));
    }
  }

  /** The operand behind those that rows are prepared with. */
  private static int nextOperand(Call call) {
    Attributes a = call.attributes();
    return 1 + QuantOps.prologueOperands(a) + (a.flag("inverse") ? 1 : 0);
  }

  /** Bits of this run: operand {@code operand}, where it is given. */
  private static int bits(Call call, int operand) {
    int most = (int) call.attributes().integer("bits");
    return call.attributes().flag("dynamic")
        ? (int) Math.max(QuantOps.LEAST_BITS, Math.min(most, call.input(operand).getLong(0)))
        : most;
  }

  /** The numbers that are rounded. */
  private static float[] prepared(Call call) {
    Attributes a = call.attributes();
    float[] x = prologue(call).floats();
    float[] inverse =
        a.flag("inverse") ? call.input(1 + QuantOps.prologueOperands(a)).floats() : new float[0];
    int hadamard = (int) a.integer("hadamard", 0);
    float[] row = new float[(int) call.input(0).size(-1)];
    for (int at = 0; at < x.length; at += row.length) {
      System.arraycopy(x, at, row, 0, row.length);
      RowQuantizer.prepare(row, row.length, inverse, hadamard);
      System.arraycopy(row, 0, x, at, row.length);
    }
    return x;
  }

  private static Tensor prologue(Call call) {
    List<String> prologue = call.attributes().strings("prologue");
    Tensor x = call.input(0);
    if (prologue.contains("norm_modulate")) {
      return LayerKernels.normModulate(
          x, call.input(1), call.input(2), call.attributes().real("epsilon"));
    }
    if (prologue.contains("gelu")) {
      Call inner = new Call(List.of(x), Attributes.NONE, List.of(x.sizes()), List.of(x.element()));
      return ElementKernels.broadcast(inner, x.element(), v -> ElementKernels.gelu(v[0]))
          .get(0);
    }
    return x;
  }

  private static List<Tensor> linear(Call call) {
    Tensor values = call.input(0);
    Tensor weight = call.input(2);
    int channels = (int) weight.size(1);
    int outputs = (int) weight.size(0);
    double[] range = call.input(1).doubles();
    double[] scale = call.input(3).doubles();
    double[] sum = call.input(4).doubles();
    int groups = outputs == 0 ? 1 : scale.length / outputs;
    int group = channels / Math.max(1, groups);
    int[] left = whole(values);
    int[] right = whole(weight);
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    int rows = outputs == 0 ? 0 : out.count() / outputs;
    IntStream.range(0, rows).parallel().forEach(row -> {
      int grid = range.length == 2 ? 0 : row;
      for (int n = 0; n < outputs; n++) {
        double total = 0;
        for (int g = 0; g < groups; g++) {
          int product = 0;
          for (int k = g * group; k < (g + 1) * group; k++) {
            product += left[row * channels + k] * right[n * channels + k];
          }
          int at = n * groups + g;
          total += scale[at] * (range[2 * grid] * product + range[2 * grid + 1] * sum[at]);
        }
        out.set(row * outputs + n, total);
      }
    });
    return List.of(LayerKernels.epilogue(call, 5, out));
  }

  private static int[] whole(Tensor tensor) {
    int[] out = new int[tensor.count()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) tensor.getLong(i);
    }
    return out;
  }
}
