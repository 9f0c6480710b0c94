package org.quantcache.kernels.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.kernels.reference.Kernel.Call;
import org.quantcache.kernels.tensor.Tensor;

/** Layers: sums run in double and are rounded once, so that this is the most exact result of the element kind. */
final class LayerKernels {
  private LayerKernels() {}

  static void register(Map<String, Kernel> table) {
    table.put(
        NnOps.LINEAR,
        call -> List.of(linear(
            call.input(0),
            call.input(1),
            call.inputs().size() > 2
                ? call.input(2).doubles()
                : new double[(int) call.input(1).size(0)])));
    table.put(
        NnOps.LAYER_NORM,
        call -> List.of(layerNorm(call.input(0), call.attributes().real("epsilon"))));
    table.put(
        NnOps.RMS_NORM,
        call -> List.of(rmsNorm(call.input(0), call.input(1), call.attributes().real("epsilon"))));
    table.put(
        NnOps.ROPE,
        call ->
            List.of(rope(call.input(0), call.input(1), (int) call.attributes().integer("axis"))));
    table.put(NnOps.ATTENTION, call -> List.of(attention(call)));
    table.put(NnOps.CROSS_ATTENTION, call -> List.of(crossAttention(call)));
    table.put(FusedOps.LINEAR, LayerKernels::fusedLinear);
    table.put(ProbedOps.LINEAR, LayerKernels::fusedLinear);
    table.put(FusedOps.NORM_MODULATE, LayerKernels::normModulate);
    table.put(FusedOps.ATTENTION, LayerKernels::fusedAttention);
    table.put(FusedOps.CROSS_ATTENTION, LayerKernels::fusedCrossAttention);
    table.put(FusedOps.GUIDED_STEP, LayerKernels::guidedStep);
  }

  static Tensor linear(Tensor x, Tensor weight, double[] bias) {
    int channels = (int) x.size(-1);
    int outputs = (int) weight.size(0);
    List<Long> sizes = new ArrayList<>(x.sizes());
    sizes.remove(sizes.size() - 1);
    int rows = Math.toIntExact(Tensor.elements(sizes));
    sizes.add((long) outputs);
    Tensor out = Tensor.zeros(x.element(), sizes);
    double[] in = x.doubles();
    double[] w = weight.doubles();
    IntStream.range(0, rows).parallel().forEach(row -> {
      for (int n = 0; n < outputs; n++) {
        double sum = 0;
        for (int k = 0; k < channels; k++) {
          sum += in[row * channels + k] * w[n * channels + k];
        }
        out.set(row * outputs + n, sum + bias[n]);
      }
    });
    return out;
  }

  static Tensor layerNorm(Tensor x, double epsilon) {
    int channels = (int) x.size(-1);
    Tensor out = Tensor.zeros(x.element(), x.sizes());
    for (int row = 0; row < x.count(); row += channels) {
      double mean = 0;
      for (int c = 0; c < channels; c++) {
        mean += x.get(row + c);
      }
      mean /= channels;
      double variance = 0;
      for (int c = 0; c < channels; c++) {
        double difference = x.get(row + c) - mean;
        variance += difference * difference;
      }
      double factor = 1 / Math.sqrt(variance / channels + epsilon);
      for (int c = 0; c < channels; c++) {
        out.set(row + c, (x.get(row + c) - mean) * factor);
      }
    }
    return out;
  }

  static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
    int channels = (int) x.size(-1);
    Tensor out = Tensor.zeros(x.element(), x.sizes());
    for (int row = 0; row < x.count(); row += channels) {
      double squares = 0;
      for (int c = 0; c < channels; c++) {
        squares += x.get(row + c) * x.get(row + c);
      }
      double factor = 1 / Math.sqrt(squares / channels + epsilon);
      for (int c = 0; c < channels; c++) {
        out.set(row + c, weight.get(c) * x.get(row + c) * factor);
      }
    }
    return out;
  }

  static Tensor rope(Tensor x, Tensor table, int axis) {
    Tensor out = Tensor.zeros(x.element(), x.sizes());
    int half = (int) x.size(-1) / 2;
    int[] index = new int[x.sizes().size()];
    for (int at = 0; at < x.count(); at += 2) {
      int entry = (index[axis] * half + index[index.length - 1] / 2) * 2;
      double cos = table.get(entry);
      double sin = table.get(entry + 1);
      double even = x.get(at);
      double odd = x.get(at + 1);
      out.set(at, even * cos - odd * sin);
      out.set(at + 1, odd * cos + even * sin);
      Indices.advance(index, x.sizes());
      Indices.advance(index, x.sizes());
    }
    return out;
  }

  static Tensor attention(Call call) {
    Tensor q = call.input(0);
    Tensor k = call.input(1);
    Tensor v = call.input(2);
    int axis = (int) call.attributes().integer("axis");
    double scale = call.attributes().real("scale");
    Tensor out = Tensor.zeros(call.element(), q.sizes());
    int b = (int) q.size(0);
    int t = (int) q.size(1);
    int s = (int) q.size(2);
    int h = (int) q.size(3);
    int d = (int) q.size(4);
    int length = axis == 1 ? t : s;
    int others = axis == 1 ? s : t;
    int step = (axis == 1 ? s : 1) * h * d;
    IntStream.range(0, b * others * h).parallel().forEach(item -> {
      int head = item % h;
      int other = item / h % others;
      int batch = item / h / others;
      int start = (batch * t * s + (axis == 1 ? other : other * s)) * h * d + head * d;
      for (int query = 0; query < length; query++) {
        mix(
            q,
            start + query * step,
            k,
            v,
            start,
            step,
            length,
            d,
            scale,
            out,
            start + query * step);
      }
    });
    return out;
  }

  private static Tensor crossAttention(Call call) {
    Tensor q = call.input(0);
    Tensor k = call.input(1);
    Tensor v = call.input(2);
    double scale = call.attributes().real("scale");
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    int batch = (int) k.size(0);
    int tokens = (int) k.size(1);
    int h = (int) k.size(2);
    int d = (int) k.size(3);
    int queries = (int) (q.size(1) * q.size(2));
    int queryBatch = (int) q.size(0);
    IntStream.range(0, batch * queries).parallel().forEach(item -> {
      int b = item / queries;
      int query = item % queries;
      int keys = call.inputs().size() > 3 ? (int) call.input(3).getLong(b) : tokens;
      for (int head = 0; head < h; head++) {
        int from = ((b % queryBatch) * queries + query) * h * d + head * d;
        int to = (b * queries + query) * h * d + head * d;
        mix(q, from, k, v, b * tokens * h * d + head * d, h * d, keys, d, scale, out, to);
      }
    });
    return out;
  }

  /** One query: softmax of its scores with {@code keys} keys, times the values. No key gives zeros. */
  private static void mix(
      Tensor q,
      int qAt,
      Tensor k,
      Tensor v,
      int kvAt,
      int step,
      int keys,
      int d,
      double scale,
      Tensor out,
      int to) {
    double[] weights = new double[keys];
    double largest = Double.NEGATIVE_INFINITY;
    for (int key = 0; key < keys; key++) {
      double score = 0;
      for (int c = 0; c < d; c++) {
        score += q.get(qAt + c) * k.get(kvAt + key * step + c);
      }
      weights[key] = score * scale;
      largest = Math.max(largest, weights[key]);
    }
    double sum = 0;
    for (int key = 0; key < keys; key++) {
      weights[key] = Math.exp(weights[key] - largest);
      sum += weights[key];
    }
    for (int c = 0; c < d; c++) {
      double mixed = 0;
      for (int key = 0; key < keys; key++) {
        mixed += weights[key] * v.get(kvAt + key * step + c);
      }
      out.set(to + c, keys == 0 ? 0 : mixed / sum);
    }
  }

  private static List<Tensor> fusedLinear(Call call) {
    Tensor product =
        linear(call.input(0), call.input(1), new double[(int) call.input(1).size(0)]);
    return List.of(epilogue(call, 2, product));
  }

  /** The parts of {@code epilogue} in order; their operands start at {@code first}. */
  static Tensor epilogue(Call call, int first, Tensor product) {
    Tensor value = product;
    int operand = first;
    for (String part : call.attributes().strings("epilogue")) {
      List<Tensor> inputs = new ArrayList<>(List.of(value));
      if (FusedOps.takesOperand(part)) {
        Tensor next = call.input(operand++);
        inputs.add(part.equals("bias") ? asRow(next, value.sizes().size()) : next);
      }
      Call inner = new Call(inputs, Attributes.NONE, List.of(value.sizes()), call.results());
      value = ElementKernels.broadcast(inner, call.element(), function(part)).get(0);
    }
    return value;
  }

  private static ElementKernels.ElementFunction function(String part) {
    return switch (part) {
      case "gelu" -> v -> ElementKernels.gelu(v[0]);
      case "silu" -> v -> ElementKernels.silu(v[0]);
      case "gate" -> v -> v[0] * v[1];
      default -> v -> v[0] + v[1];
    };
  }

  private static Tensor asRow(Tensor vector, int rank) {
    List<Long> sizes = new ArrayList<>();
    for (int i = 1; i < rank; i++) {
      sizes.add(1L);
    }
    sizes.add(vector.size(0));
    return vector.reshaped(sizes);
  }

  private static List<Tensor> normModulate(Call call) {
    return List.of(normModulate(
        call.input(0), call.input(1), call.input(2), call.attributes().real("epsilon")));
  }

  static Tensor normModulate(Tensor x, Tensor shift, Tensor scale, double epsilon) {
    Call inner = new Call(
        List.of(layerNorm(x, epsilon), shift, scale),
        Attributes.NONE,
        List.of(x.sizes()),
        List.of(x.element()));
    return ElementKernels.broadcast(inner, x.element(), v -> v[0] * (1 + v[2]) + v[1])
        .get(0);
  }

  private static List<Tensor> fusedAttention(Call call) {
    Attributes attributes = call.attributes();
    Tensor qkv = call.input(0);
    long heads = attributes.integer("heads");
    int axis = (int) attributes.integer("axis");
    List<Tensor> parts = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      parts.add(heads(qkv, part, 3, heads));
    }
    boolean norm = attributes.flag("norm");
    boolean rope = attributes.flag("rope");
    for (int part = 0; part < 2; part++) {
      Tensor x = parts.get(part);
      x = norm ? rmsNorm(x, call.input(1 + part), attributes.real("epsilon")) : x;
      parts.set(part, rope ? rope(x, call.input(call.inputs().size() - 1), axis) : x);
    }
    Tensor mixed =
        attention(new Call(parts, attributes, List.of(parts.get(0).sizes()), call.results()));
    return List.of(mixed.reshaped(call.sizes()));
  }

  private static List<Tensor> fusedCrossAttention(Call call) {
    long heads = call.attributes().integer("heads");
    List<Tensor> parts = new ArrayList<>(List.of(
        heads(call.input(0), 0, 1, heads),
        heads(call.input(1), 0, 2, heads),
        heads(call.input(1), 1, 2, heads)));
    if (call.inputs().size() > 2) {
      parts.add(call.input(2));
    }
    List<Long> sizes = new ArrayList<>(parts.get(0).sizes());
    sizes.set(0, parts.get(1).size(0));
    Attributes scale = Attributes.of("scale", Attribute.of(call.attributes().real("scale")));
    Tensor mixed = crossAttention(new Call(parts, scale, List.of(sizes), call.results()));
    return List.of(mixed.reshaped(call.sizes()));
  }

  /** Part {@code part} of {@code parts} equal parts of the last axis, split into heads. */
  static Tensor heads(Tensor x, int part, int parts, long heads) {
    int width = (int) x.size(-1) / parts;
    List<Long> sizes = new ArrayList<>(x.sizes().subList(0, x.sizes().size() - 1));
    sizes.add(heads);
    sizes.add(width / heads);
    Tensor out = Tensor.zeros(x.element(), sizes);
    for (int at = 0; at < out.count(); at++) {
      out.set(at, x.get(at / width * width * parts + part * width + at % width));
    }
    return out;
  }

  private static List<Tensor> guidedStep(Call call) {
    Tensor v = call.input(0);
    Tensor z = call.input(1);
    Tensor out = Tensor.zeros(z.element(), z.sizes());
    int videos = (int) z.size(0);
    int perVideo = z.count() / Math.max(1, videos);
    int perPrediction = v.count() / Math.max(1, 2 * videos);
    double guidance = call.input(2).get(0);
    for (int b = 0; b < videos; b++) {
      double size = call.input(3).get(b);
      for (int i = 0; i < perVideo; i++) {
        double conditional = v.get(b * perPrediction + i);
        double unconditional = v.get((videos + b) * perPrediction + i);
        double velocity = unconditional + guidance * (conditional - unconditional);
        out.set(b * perVideo + i, z.get(b * perVideo + i) + velocity * size);
      }
    }
    return List.of(out);
  }
}
