package org.quantcache.ir.ops;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Shape rules that several operations share. */
final class Shapes {
  private Shapes() {}

  static void requireFloat(Signature op, int operand) {
    boolean ok = op.operand(operand).element() instanceof ScalarType s && s.isFloat();
    op.require(
        ok,
        "operand %d must be of a float type, found %s",
        operand,
        op.operand(operand).text());
  }

  static void requireElement(Signature op, int operand, ScalarType... allowed) {
    op.require(
        List.of(allowed).contains(op.operand(operand).element()),
        "operand %d must be one of %s, found %s",
        operand,
        List.of(allowed).stream().map(ScalarType::text).toList(),
        op.operand(operand).text());
  }

  /** What flows through a network has 32 bits, or 16 of the range of 32. */
  static void requireActivation(Signature op, int operand) {
    requireElement(op, operand, ScalarType.F32, ScalarType.BF16);
  }

  /** The narrowest element kind among the operands from {@code first} on, which are activations. */
  static ScalarType narrowest(Signature op, int first) {
    ScalarType out = ScalarType.F32;
    for (int i = first; i < op.operands().size(); i++) {
      requireActivation(op, i);
      out = op.operand(i).element() == ScalarType.BF16 ? ScalarType.BF16 : out;
    }
    return out;
  }

  static void requireRank(Signature op, int operand, int rank) {
    op.require(
        op.operand(operand).rank() == rank,
        "operand %d must have %d axes, found %s",
        operand,
        rank,
        op.operand(operand).text());
  }

  static void requireRow(Signature op, int operand) {
    op.require(
        op.operand(operand).layout().equals(Layout.ROW),
        "operand %d must be row-major, found %s",
        operand,
        op.operand(operand).text());
  }

  static void requireDim(Signature op, int operand, int axis, Dim expected) {
    op.require(
        op.operand(operand).dim(axis).equals(expected),
        "operand %d must have size %s on axis %d, found %s",
        operand,
        expected.text(),
        axis,
        op.operand(operand).text());
  }

  static int axis(Signature op, int rank) {
    long axis = op.attributes().integer("axis");
    op.require(axis >= 0 && axis < rank, "axis must be 0..%d, found %d", rank - 1, axis);
    return (int) axis;
  }

  /**
   * Broadcast of operands of equal rank: on axis 0 a smaller operand is tiled (its size divides the result's), on the
   * others a size of 1 is stretched. An element is read at its index modulo the operand's size on every axis.
   */
  static List<Dim> broadcast(Signature op, int from) {
    int rank = op.operand(from).rank();
    List<Dim> out = new ArrayList<>(op.operand(from).dims());
    for (int i = from; i < op.operands().size(); i++) {
      requireRank(op, i, rank);
      requireRow(op, i);
      for (int axis = 0; axis < rank; axis++) {
        out.set(axis, wider(op, axis, out.get(axis), op.operand(i).dim(axis)));
      }
    }
    return out;
  }

  /** Checks that {@code operand} may be read in the place of a tensor of sizes {@code dims}. */
  static void requireBroadcastable(Signature op, int operand, List<Dim> dims) {
    requireRank(op, operand, dims.size());
    requireRow(op, operand);
    for (int axis = 0; axis < dims.size(); axis++) {
      Dim found = op.operand(operand).dim(axis);
      op.require(
          wider(op, axis, dims.get(axis), found).equals(dims.get(axis)),
          "operand %d of type %s does not broadcast to %s",
          operand,
          op.operand(operand).text(),
          dims);
    }
  }

  private static Dim wider(Signature op, int axis, Dim a, Dim b) {
    if (a.equals(b)) {
      return a;
    }
    boolean known = a.isConstant() && b.isConstant();
    if (axis == 0 && known && b.coefficient() > 0 && a.coefficient() % b.coefficient() == 0) {
      return a;
    }
    if (axis == 0 && known && a.coefficient() > 0 && b.coefficient() % a.coefficient() == 0) {
      return b;
    }
    Dim one = Dim.of(1);
    op.require(
        a.equals(one) || b.equals(one),
        "cannot broadcast %s against %s on axis %d",
        a.text(),
        b.text(),
        axis);
    return a.equals(one) ? b : a;
  }

  static TensorType f32(List<Dim> dims) {
    return TensorType.of(ScalarType.F32, dims);
  }

  static TensorType f32(Dim... dims) {
    return TensorType.of(ScalarType.F32, List.of(dims));
  }
}
