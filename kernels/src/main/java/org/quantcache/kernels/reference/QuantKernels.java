package org.quantcache.kernels.reference;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.kernels.quant.RowQuantizer;
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
    table.put(QuantOps.LINEAR, QuantKernels::linear);
    table.put(ProbedOps.QUANT_LINEAR, QuantKernels::linear);
  }

  private static List<Tensor> rows(Call call) {
    Attributes a = call.attributes();
    float[] x = prologue(call).floats();
    int channels = (int) call.input(0).size(-1);
    int operand = 1 + QuantOps.prologueOperands(a);
    float[] inverse = a.flag("inverse") ? call.input(operand++).floats() : new float[0];
    int bits = (int) a.integer("bits");
    if (a.flag("dynamic")) {
      long asked = call.input(operand).getLong(0);
      bits = (int) Math.max(QuantOps.LEAST_BITS, Math.min(bits, asked));
    }
    int hadamard = (int) a.integer("hadamard", 0);
    boolean perTensor = a.word("granularity").equals("tensor");
    Tensor values = Tensor.zeros(call.element(), call.sizes());
    Tensor range = Tensor.zeros(call.results().get(1), call.resultSizes().get(1));
    float[] row = new float[channels];
    for (int at = 0; at < x.length; at += channels) {
      System.arraycopy(x, at, row, 0, channels);
      RowQuantizer.prepare(row, channels, inverse, hadamard);
      System.arraycopy(row, 0, x, at, channels);
    }
    int perGrid = perTensor ? x.length : channels;
    for (int grid = 0; grid < range.count() / 2; grid++) {
      Grid found = RowQuantizer.grid(x, grid * perGrid, perGrid, bits);
      range.set(2 * grid, found.step());
      range.set(2 * grid + 1, found.least());
      for (int i = grid * perGrid; i < (grid + 1) * perGrid; i++) {
        values.set(i, found.value(x[i]));
      }
    }
    return List.of(values, range);
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
