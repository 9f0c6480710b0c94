package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.LIST;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** What pass {@code fuse} makes: one operation for one kernel. */
public final class FusedOps {
  public static final String LINEAR = "fused.linear";
  public static final String NORM_MODULATE = "fused.norm_modulate";
  public static final String ATTENTION = "fused.attention";
  public static final String CROSS_ATTENTION = "fused.cross_attention";
  public static final String GUIDED_STEP = "fused.guided_step";

  private FusedOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                LINEAR,
                "fused.linear(x, w, ...): x W^T followed by `epilogue`, a list of bias, gelu, silu, gate, residual in the"
                    + " order of application; bias, gate and residual take one further operand each in this order:"
                    + " + bias[N], * gate, residual + (gate and residual broadcast)")
            .operands(2, 5)
            .required("epilogue", LIST, "words: bias, gelu, silu, gate, residual")
            .traits(Trait.PURE)
            .types(FusedOps::linear)
            .flops(FusedOps::linearFlops)
            .build(),
        OpDef.named(
                NORM_MODULATE,
                "fused.norm_modulate(x, shift, scale) = layer_norm(x) * (1 + scale) + shift")
            .operands(3)
            .required("epsilon", FLOAT, "added to the variance")
            .traits(Trait.PURE)
            .types(FusedOps::normModulate)
            .flopsPerElement(10)
            .build(),
        OpDef.named(
                ATTENTION,
                "fused.attention(qkv, q_norm?, k_norm?, rope?): qkv [B, T, S, 3C] holds q, k, v, each head-major; RMS"
                    + " norm of q and k when `norm`, then rotation when `rope`, then nn.attention; result [B, T, S, C]")
            .operands(1, 4)
            .required("axis", INT, "1 over frames, 2 over places")
            .required("heads", INT, "number of heads")
            .required("scale", FLOAT, "factor of the scores")
            .optional("epsilon", FLOAT, "of the RMS norm")
            .optional("norm", WORD, "true: operands 1 and 2 are the norm weights [d]")
            .optional("rope", WORD, "true: the last operand is the table [n, d/2, 2]")
            .traits(Trait.PURE)
            .types(FusedOps::attention)
            .flops(FusedOps::attentionFlops)
            .build(),
        OpDef.named(
                CROSS_ATTENTION,
                "fused.cross_attention(q, kv, lengths?): q [B', T, S, C], kv [B, L, 2C] holds k then v; as"
                    + " nn.cross_attention; result [B, T, S, C]")
            .operands(2, 3)
            .required("heads", INT, "number of heads")
            .required("scale", FLOAT, "factor of the scores")
            .traits(Trait.PURE)
            .types(FusedOps::crossAttention)
            .flops(FusedOps::crossAttentionFlops)
            .build(),
        OpDef.named(
                GUIDED_STEP,
                "fused.guided_step(v, z, guidance, dt): v [2b, Co, ...], z [b, Ci, ...], Ci <= Co, guidance f32[1], dt"
                    + " f32[b]; z + (vu + guidance * (vc - vu)) * dt[b] on the first Ci channels, vc = v[0..b),"
                    + " vu = v[b..2b)")
            .operands(4)
            .traits(Trait.PURE)
            .types(FusedOps::guidedStep)
            .flopsPerElement(5)
            .build());
  }

  static List<TensorType> linear(Signature op) {
    TensorType result = NnOps.product(op);
    requireEpilogue(op, 2, result);
    return List.of(result);
  }

  /** Checks that {@code epilogue} and the operands from {@code first} on fit each other and the result. */
  static void requireEpilogue(Signature op, int first, TensorType result) {
    int operand = first;
    List<String> seen = new ArrayList<>();
    for (String part : op.attributes().strings("epilogue")) {
      op.require(!seen.contains(part), "epilogue names %s twice", part);
      seen.add(part);
      boolean takesOperand = takesOperand(part);
      op.require(
          takesOperand || part.equals("gelu") || part.equals("silu"),
          "epilogue knows bias, gelu, silu, gate, residual, found %s",
          part);
      if (!takesOperand) {
        continue;
      }
      op.require(operand < op.operands().size(), "epilogue %s has no operand", part);
      if (part.equals("bias")) {
        NnOps.requireBias(op, operand, result.dim(-1));
      } else {
        Shapes.requireActivation(op, operand);
        Shapes.requireBroadcastable(op, operand, result.dims());
      }
      operand++;
    }
    op.require(
        operand == op.operands().size(),
        "has %d operands for epilogue %s",
        op.operands().size(),
        seen);
  }

  /** Whether the operation is a product of floats with an epilogue, with or without a probe. */
  public static boolean isLinear(Operation operation) {
    return operation.is(LINEAR) || operation.is(ProbedOps.LINEAR);
  }

  /** Which operand of a product with an epilogue serves {@code part} of it; empty when there is no such part. */
  public static OptionalInt epilogueOperand(Operation linear, String part) {
    if (!linear.attributes().has("epilogue")) {
      return OptionalInt.empty();
    }
    int operand = isLinear(linear) ? 2 : QuantOps.EPILOGUE;
    for (String word : linear.attributes().strings("epilogue")) {
      if (word.equals(part)) {
        return OptionalInt.of(operand);
      }
      operand += takesOperand(word) ? 1 : 0;
    }
    return OptionalInt.empty();
  }

  /** Whether a part of the epilogue reads an operand. */
  public static boolean takesOperand(String part) {
    return part.equals("bias") || part.equals("gate") || part.equals("residual");
  }

  static long linearFlops(Signature op, ToLongFunction<String> symbols) {
    return Math.addExact(NnOps.linearFlops(op, symbols), epilogueFlops(op, symbols));
  }

  static long epilogueFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    long perElement = 0;
    for (String part : op.attributes().strings("epilogue")) {
      perElement += part.equals("gelu") ? 8 : part.equals("silu") ? 4 : 1;
    }
    return Math.multiplyExact(elements, perElement);
  }

  private static List<TensorType> normModulate(Signature op) {
    List<TensorType> result = NnOps.modulate(op);
    op.require(
        result.get(0).equals(op.operand(0)),
        "shift and scale must broadcast to %s",
        op.operand(0).text());
    return result;
  }

  /** Checks that operand 0 holds q, k and v of whole heads; returns the channels of a head. */
  static long requireHeads(Signature op) {
    NnOps.requireAttentionAxis(op);
    Shapes.requireActivation(op, 0);
    Shapes.requireRank(op, 0, 4);
    Shapes.requireRow(op, 0);
    long heads = op.attributes().integer("heads");
    long width = op.operand(0).size(-1);
    op.require(
        heads > 0 && heads <= width && width % (3 * heads) == 0,
        "%d channels are not 3 * %d heads * d",
        width,
        heads);
    return width / 3 / heads;
  }

  private static List<TensorType> attention(Signature op) {
    long headDim = requireHeads(op);
    long width = op.operand(0).size(-1);
    boolean norm = op.attributes().flag("norm");
    boolean rope = op.attributes().flag("rope");
    int expected = 1 + (norm ? 2 : 0) + (rope ? 1 : 0);
    op.require(
        op.operands().size() == expected,
        "takes %d operands, found %d",
        expected,
        op.operands().size());
    if (norm) {
      op.require(op.attributes().has("epsilon"), "needs epsilon for its norm");
      NnOps.requireBias(op, 1, Dim.of(headDim));
      NnOps.requireBias(op, 2, Dim.of(headDim));
    }
    if (rope) {
      Dim positions = op.operand(0).dim((int) op.attributes().integer("axis"));
      NnOps.requireRopeTable(op, expected - 1, positions, headDim);
    }
    return List.of(op.operand(0).withDim(-1, Dim.of(width / 3)));
  }

  private static long attentionFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    long length = op.operand(0).dim((int) op.attributes().integer("axis")).evaluate(symbols);
    long extra = (op.attributes().flag("norm") ? 8 : 0) + (op.attributes().flag("rope") ? 6 : 0);
    return Math.multiplyExact(elements, Math.addExact(Math.multiplyExact(4, length), extra));
  }

  private static List<TensorType> crossAttention(Signature op) {
    Shapes.requireActivation(op, 0);
    Shapes.requireRank(op, 0, 4);
    Shapes.requireActivation(op, 1);
    Shapes.requireRank(op, 1, 3);
    long heads = op.attributes().integer("heads");
    long width = op.operand(0).size(-1);
    op.require(heads > 0 && width % heads == 0, "%d channels are not %d heads * d", width, heads);
    Shapes.requireDim(op, 1, 2, Dim.of(2 * width));
    Dim batch = op.operand(1).dim(0);
    NnOps.requireQueryBatch(op, batch);
    if (op.operands().size() == 3) {
      NnOps.requireLengths(op, 2, batch);
    }
    return List.of(op.operand(0).withDim(0, batch));
  }

  private static long crossAttentionFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    return Math.multiplyExact(
        4, Math.multiplyExact(elements, op.operand(1).dim(1).evaluate(symbols)));
  }

  private static List<TensorType> guidedStep(Signature op) {
    TensorType velocity = op.operand(0);
    TensorType latent = op.operand(1);
    Shapes.requireActivation(op, 0);
    for (int i = 1; i < 4; i++) {
      Shapes.requireElement(op, i, ScalarType.F32);
    }
    op.require(
        velocity.rank() == latent.rank() && latent.rank() >= 2,
        "prediction and latent need equal axes, found %s and %s",
        velocity.text(),
        latent.text());
    op.require(
        velocity.dim(0).equals(latent.dim(0).times(Dim.of(2))),
        "the prediction holds both guidance halves, found %s for %s",
        velocity.text(),
        latent.text());
    op.require(
        latent.size(1) <= velocity.size(1),
        "the prediction has too few channels: %s",
        velocity.text());
    op.require(
        velocity.dims().subList(2, velocity.rank()).equals(latent.dims().subList(2, latent.rank())),
        "sizes differ: %s and %s",
        velocity.text(),
        latent.text());
    Shapes.requireRank(op, 2, 1);
    Shapes.requireDim(op, 2, 0, Dim.of(1));
    Shapes.requireRank(op, 3, 1);
    Shapes.requireDim(op, 3, 0, latent.dim(0));
    return List.of(latent);
  }
}
