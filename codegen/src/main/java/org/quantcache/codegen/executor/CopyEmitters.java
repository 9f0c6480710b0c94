package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.tir.CopySpec;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Operations that move elements: plain copies where the elements lie together, copy kernels elsewhere. */
final class CopyEmitters {
  private CopyEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(TensorOps.RESHAPE, (op, out) -> {});
    table.put(StructureOps.WEIGHT_GET, (op, out) -> {});
    table.put(TensorOps.PERMUTE, CopyEmitters::permute);
    table.put(TensorOps.SLICE, CopyEmitters::slice);
    table.put(TensorOps.CONCAT, CopyEmitters::concat);
    table.put(TensorOps.PAD, CopyEmitters::pad);
    table.put(TensorOps.REPEAT, CopyEmitters::repeat);
    table.put(TensorOps.ROW, CopyEmitters::row);
  }

  private static int bytes(Value value) {
    return ((ScalarType) value.type().element()).bytes();
  }

  private static boolean isWholeBefore(TensorType type, int axis) {
    return Places.product(type, 0, axis).equals(Dim.of(1));
  }

  /** Bytes of one index of {@code axis}. */
  private static Dim stride(TensorType type, int axis) {
    return Places.product(type, axis + 1, type.rank())
        .times(Dim.of(((ScalarType) type.element()).bytes()));
  }

  private static List<Long> strides(List<Long> sizes) {
    List<Long> out = new ArrayList<>(sizes);
    long stride = 1;
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      out.set(axis, stride);
      stride *= sizes.get(axis);
    }
    return out;
  }

  private static void kernel(Operation op, CopySpec spec, Value from, Emission out) {
    out.launch(op, spec, List.of(from, op.result()), List.of(), Long.toString(spec.workItems()));
  }

  private static void permute(Operation op, Emission out) {
    List<Long> from = strides(Places.constantSizes(op, op.operand(0)));
    List<Long> sizes = Places.constantSizes(op, op.result());
    List<Long> inStrides = op.attributes().longs("order").stream()
        .map(axis -> from.get(axis.intValue()))
        .toList();
    kernel(
        op,
        new CopySpec(bytes(op.result()), sizes, sizes, 0, inStrides, 0, strides(sizes)),
        op.operand(0),
        out);
  }

  private static void slice(Operation op, Emission out) {
    TensorType source = op.operand(0).type();
    int axis = (int) op.attributes().integer("axis");
    long start = op.attributes().integer("start");
    if (isWholeBefore(source, axis)) {
      String offset = Places.size(stride(source, axis).times(Dim.of(start)));
      out.copy(
          op,
          out.places().address(op.result()),
          out.places().address(op.operand(0), offset),
          Places.byteCount(op.result().type()));
      return;
    }
    List<Long> from = strides(Places.constantSizes(op, op.operand(0)));
    List<Long> sizes = Places.constantSizes(op, op.result());
    long base = start * from.get(axis);
    kernel(
        op,
        new CopySpec(bytes(op.result()), sizes, sizes, base, from, 0, strides(sizes)),
        op.operand(0),
        out);
  }

  private static void concat(Operation op, Emission out) {
    int axis = (int) op.attributes().integer("axis");
    TensorType result = op.result().type();
    long start = 0;
    for (Value part : op.operands()) {
      if (isWholeBefore(result, axis)) {
        String offset = Places.size(stride(result, axis).times(Dim.of(start)));
        out.copy(
            op,
            out.places().address(op.result(), offset),
            out.places().address(part),
            Places.byteCount(part.type()));
      } else {
        List<Long> sizes = Places.constantSizes(op, part);
        List<Long> to = strides(Places.constantSizes(op, op.result()));
        long base = start * to.get(axis);
        kernel(op, new CopySpec(bytes(part), sizes, sizes, 0, strides(sizes), base, to), part, out);
      }
      start += part.type().size(axis);
    }
  }

  private static void pad(Operation op, Emission out) {
    List<Long> limits = Places.constantSizes(op, op.operand(0));
    List<Long> sizes = Places.constantSizes(op, op.result());
    CopySpec spec =
        new CopySpec(bytes(op.result()), sizes, limits, 0, strides(limits), 0, strides(sizes));
    kernel(op, spec, op.operand(0), out);
  }

  private static void repeat(Operation op, Emission out) {
    Dim bytes = op.operand(0).type().elements().times(Dim.of(bytes(op.result())));
    for (long copy = 0; copy < op.attributes().integer("times"); copy++) {
      out.copy(
          op,
          out.places().address(op.result(), Places.size(bytes.times(Dim.of(copy)))),
          out.places().address(op.operand(0)),
          Places.size(bytes));
    }
    out.copyOnHost(op, Places.size(bytes), op.attributes().integer("times"), "");
  }

  /** The row is chosen by the step of the loop. */
  private static void row(Operation op, Emission out) {
    String name = out.boundCopy(
        out.places().address(op.result()),
        out.places().address(op.operand(0)),
        Places.byteCount(op.result().type()));
    out.statement(op, name + ".run(step);");
    String bytes = Places.byteCount(op.result().type());
    out.copyOnHost(op, bytes, 1, " + step * (long) (" + bytes + ")");
  }
}
