package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.LIST;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Operations that move elements and change none. */
public final class TensorOps {
  public static final String CAST = "tensor.cast";
  public static final String RESHAPE = "tensor.reshape";
  public static final String PERMUTE = "tensor.permute";
  public static final String SLICE = "tensor.slice";
  public static final String CONCAT = "tensor.concat";
  public static final String PAD = "tensor.pad";
  public static final String REPEAT = "tensor.repeat";
  public static final String ROW = "tensor.row";

  private TensorOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                CAST,
                "The same values in another element kind (float to integer truncates; i1 is value != 0)")
            .operands(1)
            .traits(Trait.PURE)
            .types(TensorOps::cast)
            .build(),
        OpDef.named(RESHAPE, "The same elements in row-major order under other sizes")
            .operands(1)
            .traits(Trait.PURE, Trait.VIEW)
            .types(TensorOps::reshape)
            .build(),
        OpDef.named(PERMUTE, "Axes reordered: axis i of the result is axis order[i] of the operand")
            .operands(1)
            .required("order", LIST, "a permutation of the axes")
            .traits(Trait.PURE)
            .types(TensorOps::permute)
            .build(),
        OpDef.named(SLICE, "Elements start.. on `axis`; the declared result type says how many")
            .operands(1)
            .required("axis", INT, "axis to cut")
            .required("start", INT, "first index")
            .traits(Trait.PURE)
            .types(TensorOps::slice)
            .build(),
        OpDef.named(CONCAT, "Operands joined along `axis`")
            .operands(1, OpDef.ANY)
            .required("axis", INT, "axis to join on")
            .traits(Trait.PURE)
            .types(TensorOps::concat)
            .build(),
        OpDef.named(PAD, "Zeros behind the last element of each axis")
            .operands(1)
            .required("after", LIST, "zeros to add on each axis")
            .traits(Trait.PURE)
            .types(TensorOps::pad)
            .build(),
        OpDef.named(REPEAT, "The operand `times` times along axis 0: result[i] = x[i mod size]")
            .operands(1)
            .required("times", INT, "number of copies")
            .traits(Trait.PURE)
            .types(TensorOps::repeat)
            .build(),
        OpDef.named(ROW, "tensor.row(x, i) = x[i], without axis 0; i is an i32 scalar")
            .operands(2)
            .traits(Trait.PURE)
            .types(TensorOps::row)
            .build());
  }

  private static List<TensorType> cast(Signature op) {
    TensorType result = op.declaredResult();
    op.require(
        result.element() instanceof ScalarType
            && result.dims().equals(op.operand(0).dims()),
        "keeps sizes and gives a scalar element kind, found %s to %s",
        op.operand(0).text(),
        result.text());
    Shapes.requireRow(op, 0);
    return List.of(result);
  }

  private static List<TensorType> reshape(Signature op) {
    TensorType result = op.declaredResult();
    op.require(
        result.elements().equals(op.operand(0).elements())
            && result.element().equals(op.operand(0).element()),
        "keeps element kind and count, found %s to %s",
        op.operand(0).text(),
        result.text());
    Shapes.requireRow(op, 0);
    return List.of(result);
  }

  private static List<TensorType> permute(Signature op) {
    List<Long> order = op.attributes().longs("order");
    int rank = op.operand(0).rank();
    boolean[] seen = new boolean[rank];
    op.require(order.size() == rank, "order needs %d entries, found %s", rank, order);
    List<Dim> dims = new ArrayList<>();
    for (long axis : order) {
      op.require(
          axis >= 0 && axis < rank && !seen[(int) axis], "order is no permutation: %s", order);
      seen[(int) axis] = true;
      dims.add(op.operand(0).dim((int) axis));
    }
    Shapes.requireRow(op, 0);
    return List.of(op.operand(0).withDims(dims));
  }

  private static List<TensorType> slice(Signature op) {
    TensorType result = op.declaredResult();
    TensorType source = op.operand(0);
    int axis = Shapes.axis(op, source.rank());
    op.require(result.rank() == source.rank(), "keeps the number of axes, found %s", result.text());
    op.require(
        source.withDim(axis, result.dim(axis)).equals(result),
        "changes axis %d only, found %s to %s",
        axis,
        source.text(),
        result.text());
    long start = op.attributes().integer("start");
    op.require(start >= 0, "start is at least 0, found %d", start);
    if (source.dim(axis).isConstant() && result.dim(axis).isConstant()) {
      op.require(
          start <= source.size(axis) - result.size(axis),
          "elements %d..%d are outside axis %d of %s",
          start,
          start + result.size(axis),
          axis,
          source.text());
    }
    return List.of(result);
  }

  private static List<TensorType> concat(Signature op) {
    TensorType first = op.operand(0);
    int axis = Shapes.axis(op, first.rank());
    long size = 0;
    for (int i = 0; i < op.operands().size(); i++) {
      TensorType operand = op.operand(i);
      op.require(
          operand.rank() == first.rank()
              && operand.withDim(axis, first.dim(axis)).equals(first),
          "operand %d differs from operand 0 beside axis %d: %s and %s",
          i,
          axis,
          operand.text(),
          first.text());
      op.require(operand.dim(axis).isConstant(), "operand %d is symbolic on axis %d", i, axis);
      size += operand.size(axis);
    }
    return List.of(first.withDim(axis, Dim.of(size)));
  }

  private static List<TensorType> pad(Signature op) {
    List<Long> after = op.attributes().longs("after");
    TensorType source = op.operand(0);
    op.require(
        after.size() == source.rank(), "after needs %d entries, found %s", source.rank(), after);
    TensorType result = source;
    for (int axis = 0; axis < after.size(); axis++) {
      long count = after.get(axis);
      op.require(count >= 0, "cannot pad by %d", count);
      if (count > 0) {
        op.require(source.dim(axis).isConstant(), "axis %d is symbolic", axis);
        result = result.withDim(axis, Dim.of(source.size(axis) + count));
      }
    }
    return List.of(result);
  }

  private static List<TensorType> repeat(Signature op) {
    long times = op.attributes().integer("times");
    op.require(times >= 1, "repeats at least once, found %d", times);
    op.require(
        op.operand(0).rank() >= 1, "needs an axis 0, found %s", op.operand(0).text());
    return List.of(op.operand(0).withDim(0, op.operand(0).dim(0).times(Dim.of(times))));
  }

  private static List<TensorType> row(Signature op) {
    Shapes.requireElement(op, 1, ScalarType.I32);
    Shapes.requireRank(op, 1, 0);
    op.require(
        op.operand(0).rank() >= 1, "needs an axis 0, found %s", op.operand(0).text());
    return List.of(
        op.operand(0).withDims(op.operand(0).dims().subList(1, op.operand(0).rank())));
  }
}
