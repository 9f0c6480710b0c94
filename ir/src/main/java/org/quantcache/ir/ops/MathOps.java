package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.List;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Elementwise arithmetic with broadcasting ({@link Shapes#broadcast}). */
public final class MathOps {
  public static final String ADD = "math.add";
  public static final String SUB = "math.sub";
  public static final String MUL = "math.mul";
  public static final String SELECT = "math.select";
  public static final String COMPARE = "math.compare";
  public static final String AND_NOT = "math.and_not";

  private MathOps() {}

  static List<OpDef> all() {
    return List.of(
        binary(ADD, "a + b"),
        binary(SUB, "a - b"),
        binary(MUL, "a * b"),
        OpDef.named(SELECT, "math.select(c, a, b): a where c holds, else b")
            .operands(3)
            .traits(Trait.PURE)
            .types(MathOps::select)
            .build(),
        OpDef.named(COMPARE, "i1 result of a >= b (ge) or a == b (eq)")
            .operands(2)
            .required("predicate", WORD, "ge or eq")
            .traits(Trait.PURE)
            .types(MathOps::compare)
            .flopsPerElement(1)
            .build(),
        OpDef.named(AND_NOT, "a and not b, on i1")
            .operands(2)
            .traits(Trait.PURE)
            .types(MathOps::andNot)
            .build());
  }

  private static OpDef binary(String name, String formula) {
    return OpDef.named(
            name, formula + ", in f32; the result has the narrowest element kind of both")
        .operands(2)
        .traits(Trait.PURE)
        .types(MathOps::arithmetic)
        .flopsPerElement(1)
        .build();
  }

  private static List<TensorType> arithmetic(Signature op) {
    return List.of(TensorType.of(Shapes.narrowest(op, 0), Shapes.broadcast(op, 0)));
  }

  private static List<TensorType> select(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.I1);
    return List.of(TensorType.of(Shapes.narrowest(op, 1), Shapes.broadcast(op, 0)));
  }

  private static List<TensorType> compare(Signature op) {
    String predicate = op.attributes().word("predicate");
    op.require(
        predicate.equals("ge") || predicate.equals("eq"),
        "predicate is ge or eq, found %s",
        predicate);
    Shapes.requireActivation(op, 0);
    Shapes.requireActivation(op, 1);
    return List.of(TensorType.of(ScalarType.I1, Shapes.broadcast(op, 0)));
  }

  private static List<TensorType> andNot(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.I1);
    Shapes.requireElement(op, 1, ScalarType.I1);
    return List.of(TensorType.of(ScalarType.I1, Shapes.broadcast(op, 0)));
  }
}
