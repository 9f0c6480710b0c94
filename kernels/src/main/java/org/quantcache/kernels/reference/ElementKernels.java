package org.quantcache.kernels.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.reference.Kernel.Call;
import org.quantcache.kernels.tensor.Tensor;

/** Elementwise operations and those that move elements. */
final class ElementKernels {
  private ElementKernels() {}

  static void register(Map<String, Kernel> table) {
    table.put(StructureOps.CONSTANT, ElementKernels::constant);
    table.put(TensorOps.CAST, ElementKernels::cast);
    table.put(TensorOps.RESHAPE, call -> List.of(call.input(0).reshaped(call.sizes())));
    table.put(TensorOps.PERMUTE, ElementKernels::permute);
    table.put(TensorOps.SLICE, ElementKernels::slice);
    table.put(TensorOps.CONCAT, ElementKernels::concat);
    table.put(TensorOps.PAD, ElementKernels::pad);
    table.put(TensorOps.REPEAT, ElementKernels::repeat);
    table.put(TensorOps.ROW, ElementKernels::row);
    table.put(MathOps.ADD, call -> broadcast(call, call.element(), v -> v[0] + v[1]));
    table.put(MathOps.SUB, call -> broadcast(call, call.element(), v -> v[0] - v[1]));
    table.put(MathOps.MUL, call -> broadcast(call, call.element(), v -> v[0] * v[1]));
    table.put(
        MathOps.SELECT, call -> broadcast(call, call.element(), v -> v[0] != 0 ? v[1] : v[2]));
    table.put(
        MathOps.AND_NOT,
        call -> broadcast(call, ScalarType.I1, v -> v[0] != 0 && v[1] == 0 ? 1 : 0));
    table.put(MathOps.COMPARE, ElementKernels::compare);
    table.put(
        NnOps.MODULATE, call -> broadcast(call, call.element(), v -> v[0] * (1 + v[2]) + v[1]));
    table.put(NnOps.GELU, call -> broadcast(call, call.element(), v -> gelu(v[0])));
    table.put(NnOps.SILU, call -> broadcast(call, call.element(), v -> silu(v[0])));
  }

  /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
  static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** Element function of the operands at one place. */
  @FunctionalInterface
  interface ElementFunction {
    double apply(double[] operands);
  }

  static List<Tensor> broadcast(Call call, ScalarType element, ElementFunction function) {
    Tensor out = Tensor.zeros(element, call.sizes());
    int inputs = call.inputs().size();
    double[] values = new double[inputs];
    int[] index = new int[call.sizes().size()];
    for (int at = 0; at < out.count(); at++) {
      for (int i = 0; i < inputs; i++) {
        values[i] = call.input(i).get(Indices.modulo(index, call.input(i).sizes()));
      }
      out.set(at, function.apply(values));
      Indices.advance(index, call.sizes());
    }
    return List.of(out);
  }

  private static List<Tensor> compare(Call call) {
    boolean equal = call.attributes().word("predicate").equals("eq");
    return broadcast(call, ScalarType.I1, v -> (equal ? v[0] == v[1] : v[0] >= v[1]) ? 1 : 0);
  }

  private static List<Tensor> constant(Call call) {
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    double value = call.attributes().real("value");
    for (int i = 0; i < out.count(); i++) {
      out.set(i, value);
    }
    return List.of(out);
  }

  private static List<Tensor> cast(Call call) {
    Tensor in = call.input(0);
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    for (int i = 0; i < out.count(); i++) {
      boolean whole =
          !in.element().isFloat() && !out.element().isFloat() && out.element() != ScalarType.I1;
      if (whole && out.element() == ScalarType.I64) {
        out.data().putLong(8 * i, in.getLong(i));
      } else {
        out.set(i, in.get(i));
      }
    }
    return List.of(out);
  }

  /** Copies {@code out[index] = in[source(index)]}; a negative source leaves a zero. */
  @FunctionalInterface
  private interface Source {
    int of(int[] index);
  }

  private static Tensor gather(Tensor in, List<Long> sizes, Source source) {
    Tensor out = Tensor.zeros(in.element(), sizes);
    int bytes = in.element().bytes();
    int[] index = new int[sizes.size()];
    for (int at = 0; at < out.count(); at++) {
      int from = source.of(index);
      if (from >= 0) {
        for (int b = 0; b < bytes; b++) {
          out.data().put(at * bytes + b, in.data().get(from * bytes + b));
        }
      }
      Indices.advance(index, sizes);
    }
    return out;
  }

  private static List<Tensor> permute(Call call) {
    List<Long> order = call.attributes().longs("order");
    Tensor in = call.input(0);
    int[] from = new int[order.size()];
    return List.of(gather(in, call.sizes(), index -> {
      for (int axis = 0; axis < from.length; axis++) {
        from[order.get(axis).intValue()] = index[axis];
      }
      return Indices.modulo(from, in.sizes());
    }));
  }

  private static List<Tensor> slice(Call call) {
    int axis = (int) call.attributes().integer("axis");
    int start = (int) call.attributes().integer("start");
    Tensor in = call.input(0);
    return List.of(gather(in, call.sizes(), index -> {
      index[axis] += start;
      int from = Indices.modulo(index, in.sizes());
      index[axis] -= start;
      return from;
    }));
  }

  private static List<Tensor> concat(Call call) {
    int axis = (int) call.attributes().integer("axis");
    Tensor out = Tensor.zeros(call.input(0).element(), call.sizes());
    int bytes = out.element().bytes();
    long offset = 0;
    for (Tensor part : call.inputs()) {
      int[] index = new int[part.sizes().size()];
      for (int from = 0; from < part.count(); from++) {
        index[axis] += (int) offset;
        int to = Indices.modulo(index, call.sizes());
        index[axis] -= (int) offset;
        for (int b = 0; b < bytes; b++) {
          out.data().put(to * bytes + b, part.data().get(from * bytes + b));
        }
        Indices.advance(index, part.sizes());
      }
      offset += part.size(axis);
    }
    return List.of(out);
  }

  private static List<Tensor> pad(Call call) {
    Tensor in = call.input(0);
    return List.of(gather(
        in,
        call.sizes(),
        index -> Indices.isInside(index, in.sizes()) ? Indices.modulo(index, in.sizes()) : -1));
  }

  private static List<Tensor> repeat(Call call) {
    Tensor in = call.input(0);
    return List.of(gather(in, call.sizes(), index -> Indices.modulo(index, in.sizes())));
  }

  private static List<Tensor> row(Call call) {
    Tensor in = call.input(0);
    int row = (int) call.input(1).getLong(0);
    int elements = (int) Tensor.elements(call.sizes());
    List<Long> flat = new ArrayList<>(List.of((long) elements));
    Tensor out = gather(in, flat, index -> row * elements + index[0]);
    return List.of(out.reshaped(call.sizes()));
  }
}
