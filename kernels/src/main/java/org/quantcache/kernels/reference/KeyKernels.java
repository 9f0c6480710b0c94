package org.quantcache.kernels.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.quant.HeadQuantizer;
import org.quantcache.kernels.reference.Kernel.Call;
import org.quantcache.kernels.tensor.Tensor;

/** Keys that are made before attention, in its element kind or as bytes, and attention to them. */
final class KeyKernels {
  private KeyKernels() {}

  static void register(Map<String, Kernel> table) {
    table.put(AttentionOps.KEYS, KeyKernels::keys);
    table.put(AttentionOps.BYTE_KEYS, KeyKernels::byteKeys);
    table.put(AttentionOps.KEYED_ATTENTION, KeyKernels::keyedAttention);
  }

  /** Part {@code part} of q, k, v as heads {@code [B, T, S, h, d]} of a kind, normed and rotated. */
  private static Tensor prepared(Call call, int part, ScalarType kind) {
    Attributes a = call.attributes();
    Tensor x = LayerKernels.heads(call.input(0), part, 3, a.integer("heads")).as(kind);
    int operand = 1;
    if (a.flag("norm")) {
      x = LayerKernels.rmsNorm(x, call.input(operand++), a.real("epsilon"));
    }
    return a.flag("rope") ? LayerKernels.rope(x, call.input(operand), (int) a.integer("axis")) : x;
  }

  private static List<Tensor> keys(Call call) {
    return List.of(prepared(call, 1, call.element()).reshaped(call.sizes()));
  }

  private static List<Tensor> byteKeys(Call call) {
    Sequences at = Sequences.of(call);
    float[] keys = prepared(call, 1, ScalarType.F32).floats();
    Tensor values = Tensor.zeros(ScalarType.I8, call.sizes());
    Tensor scales = Tensor.zeros(ScalarType.F32, call.resultSizes().get(1));
    int width = (int) values.size(-1);
    int groups = (int) scales.size(-1);
    float[] group = new float[AttentionOps.KEYS_PER_SCALE * at.headDim()];
    for (int item = 0; item < scales.count() / groups; item++) {
      double[] mean = new double[at.headDim()];
      for (int n = 0; n < at.length(); n++) {
        for (int c = 0; c < at.headDim(); c++) {
          mean[c] += keys[at.first(item, n) + c] / (double) at.length();
        }
      }
      for (int g = 0; g < groups; g++) {
        int first = g * AttentionOps.KEYS_PER_SCALE;
        int count = Math.min(AttentionOps.KEYS_PER_SCALE, at.length() - first);
        for (int i = 0; i < count * at.headDim(); i++) {
          int c = i % at.headDim();
          group[i] = keys[at.first(item, first + i / at.headDim()) + c] - (float) mean[c];
        }
        float most = HeadQuantizer.most(group, 0, count * at.headDim());
        scales.set(item * groups + g, HeadQuantizer.scale(most));
        for (int i = 0; i < count * at.headDim(); i++) {
          int row = item * at.length() + first + i / at.headDim();
          values.set(row * width + i % at.headDim(), HeadQuantizer.value(group[i], most));
        }
      }
    }
    return List.of(values, scales);
  }

  private static List<Tensor> keyedAttention(Call call) {
    Attributes a = call.attributes();
    int operand = 1 + (a.flag("norm") ? 1 : 0) + (a.flag("rope") ? 1 : 0);
    Tensor given = call.input(operand);
    boolean bytes = given.element() == ScalarType.I8;
    Tensor values = LayerKernels.heads(call.input(0), 2, 3, a.integer("heads"));
    Tensor queries = prepared(call, 0, bytes ? ScalarType.F32 : values.element());
    List<Tensor> parts = new ArrayList<>();
    parts.add(bytes ? rounded(queries) : queries);
    parts.add(
        bytes
            ? restored(call, given, call.input(operand + 1), queries.sizes())
            : given.reshaped(values.sizes()));
    parts.add(values);
    Tensor mixed =
        LayerKernels.attention(new Call(parts, a, List.of(values.sizes()), call.results()));
    return List.of(mixed.reshaped(call.sizes()));
  }

  /** Whole numbers times their scale. Double holds both factors of a score and its sum exactly enough to tell them apart. */
  private static Tensor rounded(Tensor queries) {
    float[] x = queries.floats();
    int headDim = (int) queries.size(-1);
    Tensor out = Tensor.zeros(ScalarType.F64, queries.sizes());
    for (int row = 0; row < x.length; row += headDim) {
      float most = HeadQuantizer.most(x, row, headDim);
      for (int i = row; i < row + headDim; i++) {
        out.set(i, HeadQuantizer.value(x[i], most) * (double) HeadQuantizer.scale(most));
      }
    }
    return out;
  }

  /** The numbers that bytes stand for, as heads {@code [B, T, S, h, d]}. */
  private static Tensor restored(Call call, Tensor bytes, Tensor scales, List<Long> sizes) {
    Sequences at = Sequences.of(call);
    Tensor out = Tensor.zeros(ScalarType.F64, sizes);
    int width = (int) bytes.size(-1);
    int groups = (int) scales.size(-1);
    for (int row = 0; row < bytes.count() / width; row++) {
      int item = row / at.length();
      int n = row % at.length();
      double scale = scales.get(item * groups + n / AttentionOps.KEYS_PER_SCALE);
      for (int c = 0; c < at.headDim(); c++) {
        out.set(at.first(item, n) + c, bytes.get(row * width + c) * scale);
      }
    }
    return out;
  }

  /** Where the heads of sequences lie in a tensor {@code [B, T, S, h, d]}. */
  private record Sequences(boolean overFrames, int frames, int places, int heads, int headDim) {
    static Sequences of(Call call) {
      Tensor qkv = call.input(0);
      int heads = (int) call.attributes().integer("heads");
      return new Sequences(
          call.attributes().integer("axis") == 1,
          (int) qkv.size(1),
          (int) qkv.size(2),
          heads,
          (int) qkv.size(-1) / 3 / heads);
    }

    int length() {
      return overFrames ? frames : places;
    }

    /** Index of the first channel of place {@code n} of an item: samples, then sequences, then heads. */
    int first(int item, int n) {
      int sequences = overFrames ? places : frames;
      int sequence = item / heads % sequences;
      int sample = item / heads / sequences;
      int frame = overFrames ? n : sequence;
      int place = overFrames ? sequence : n;
      return (((sample * frames + frame) * places + place) * heads + item % heads) * headDim;
    }
  }
}
