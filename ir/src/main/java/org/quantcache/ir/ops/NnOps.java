package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/**
 * Layers. Token tensors are {@code [B, T, S, C]}: batch, frames, places of a frame, channels; with heads
 * {@code [B, T, S, h, d]}. All arithmetic is f32; weights may be stored in any float kind and are widened.
 */
public final class NnOps {
  public static final String LINEAR = "nn.linear";
  public static final String LAYER_NORM = "nn.layer_norm";
  public static final String RMS_NORM = "nn.rms_norm";
  public static final String MODULATE = "nn.modulate";
  public static final String GELU = "nn.gelu";
  public static final String SILU = "nn.silu";
  public static final String ROPE = "nn.rope";
  public static final String ATTENTION = "nn.attention";
  public static final String CROSS_ATTENTION = "nn.cross_attention";

  private NnOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(LINEAR, "nn.linear(x, w, bias?) = x W^T + bias; w is [N, K]")
            .operands(2, 3)
            .traits(Trait.PURE)
            .types(NnOps::linear)
            .flops(NnOps::linearFlops)
            .build(),
        OpDef.named(
                LAYER_NORM, "(x - mean) / sqrt(variance + epsilon) over the last axis, no affine")
            .operands(1)
            .required("epsilon", FLOAT, "added to the variance")
            .traits(Trait.PURE)
            .types(NnOps::sameActivation)
            .flopsPerElement(7)
            .build(),
        OpDef.named(
                RMS_NORM,
                "nn.rms_norm(x, w) = w * x / sqrt(mean(x^2) + epsilon) over the last axis")
            .operands(2)
            .required("epsilon", FLOAT, "added to the mean square")
            .traits(Trait.PURE)
            .types(NnOps::rmsNorm)
            .flopsPerElement(4)
            .build(),
        OpDef.named(
                MODULATE, "nn.modulate(x, shift, scale) = x * (1 + scale) + shift, broadcasting")
            .operands(3)
            .traits(Trait.PURE)
            .types(NnOps::modulate)
            .flopsPerElement(3)
            .build(),
        OpDef.named(GELU, "x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))")
            .operands(1)
            .traits(Trait.PURE)
            .types(NnOps::sameActivation)
            .flopsPerElement(8)
            .build(),
        OpDef.named(SILU, "x / (1 + exp(-x))")
            .operands(1)
            .traits(Trait.PURE)
            .types(NnOps::sameActivation)
            .flopsPerElement(4)
            .build(),
        OpDef.named(
                ROPE,
                "nn.rope(x, table): rotates the pairs (2i, 2i+1) of the last axis; table [n, d/2, 2] holds cos and sin"
                    + " by position on `axis`")
            .operands(2)
            .required("axis", INT, "axis of the positions")
            .traits(Trait.PURE)
            .types(NnOps::rope)
            .flopsPerElement(3)
            .build(),
        OpDef.named(
                ATTENTION,
                "nn.attention(q, k, v), all [B, T, S, h, d]: softmax(scale * q k^T) v along `axis` (1 over frames, 2 over"
                    + " places), apart for every index of the other axes")
            .operands(3)
            .required("axis", INT, "1 or 2")
            .required("scale", FLOAT, "factor of the scores")
            .traits(Trait.PURE)
            .types(NnOps::attention)
            .flops(NnOps::attentionFlops)
            .build(),
        OpDef.named(
                CROSS_ATTENTION,
                "nn.cross_attention(q, k, v, lengths?): q [B', T, S, h, d] (B' divides B, read modulo), k and v"
                    + " [B, L, h, d]; keys at or beyond lengths[b] do not count; no key at all gives zeros")
            .operands(3, 4)
            .required("scale", FLOAT, "factor of the scores")
            .traits(Trait.PURE)
            .types(NnOps::crossAttention)
            .flops(NnOps::crossAttentionFlops)
            .build());
  }

  static List<TensorType> sameActivation(Signature op) {
    Shapes.requireActivation(op, 0);
    Shapes.requireRow(op, 0);
    op.require(op.operand(0).rank() >= 1, "needs at least one axis");
    return List.of(op.operand(0));
  }

  /** Type of {@code x W^T} for operands 0 and 1; the weight may have any layout. */
  static TensorType product(Signature op) {
    Shapes.requireActivation(op, 0);
    Shapes.requireRow(op, 0);
    Shapes.requireFloat(op, 1);
    Shapes.requireRank(op, 1, 2);
    op.require(op.operand(0).rank() >= 1, "operand 0 needs at least one axis");
    op.require(
        op.operand(0).dim(-1).equals(op.operand(1).dim(1)),
        "operand 0 has %s channels but the weight takes %s",
        op.operand(0).dim(-1).text(),
        op.operand(1).dim(1).text());
    return op.operand(0).withDim(-1, op.operand(1).dim(0));
  }

  static long linearFlops(Signature op, ToLongFunction<String> symbols) {
    long macs = Math.multiplyExact(
        op.declared().get(0).elements().evaluate(symbols), op.operand(1).dim(1).evaluate(symbols));
    return Math.multiplyExact(2, macs);
  }

  private static List<TensorType> linear(Signature op) {
    TensorType result = product(op);
    Shapes.requireRow(op, 1);
    if (op.operands().size() == 3) {
      requireBias(op, 2, result.dim(-1));
    }
    return List.of(result);
  }

  static void requireBias(Signature op, int operand, Dim channels) {
    Shapes.requireFloat(op, operand);
    Shapes.requireRank(op, operand, 1);
    Shapes.requireDim(op, operand, 0, channels);
  }

  private static List<TensorType> rmsNorm(Signature op) {
    requireBias(op, 1, op.operand(0).dim(-1));
    return sameActivation(op);
  }

  static List<TensorType> modulate(Signature op) {
    for (int i = 0; i < 3; i++) {
      Shapes.requireActivation(op, i);
    }
    return List.of(TensorType.of(op.operand(0).element(), Shapes.broadcast(op, 0)));
  }

  private static List<TensorType> rope(Signature op) {
    int axis = Shapes.axis(op, op.operand(0).rank() - 1);
    requireRopeTable(op, 1, op.operand(0).dim(axis), op.operand(0).size(-1));
    return sameActivation(op);
  }

  static void requireRopeTable(Signature op, int operand, Dim positions, long headDim) {
    Shapes.requireElement(op, operand, ScalarType.F32);
    op.require(headDim % 2 == 0, "rotates pairs, found head size %d", headDim);
    List<Dim> expected = List.of(positions, Dim.of(headDim / 2), Dim.of(2));
    op.require(
        op.operand(operand).dims().equals(expected),
        "operand %d must be a table %s, found %s",
        operand,
        expected,
        op.operand(operand).text());
  }

  private static List<TensorType> attention(Signature op) {
    requireAttentionAxis(op);
    for (int i = 0; i < 3; i++) {
      Shapes.requireActivation(op, i);
      Shapes.requireRank(op, i, 5);
      Shapes.requireRow(op, i);
      op.require(
          op.operand(i).equals(op.operand(0)), "q, k and v must agree, found %s", op.operands());
    }
    return List.of(op.operand(0));
  }

  static void requireAttentionAxis(Signature op) {
    long axis = op.attributes().integer("axis");
    op.require(axis == 1 || axis == 2, "axis is 1 (frames) or 2 (places), found %d", axis);
  }

  private static long attentionFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.operand(0).elements().evaluate(symbols);
    long length = op.operand(0).dim((int) op.attributes().integer("axis")).evaluate(symbols);
    return Math.multiplyExact(4, Math.multiplyExact(elements, length));
  }

  private static List<TensorType> crossAttention(Signature op) {
    for (int i = 0; i < 3; i++) {
      Shapes.requireActivation(op, i);
      Shapes.requireRank(op, i, i == 0 ? 5 : 4);
      Shapes.requireRow(op, i);
    }
    op.require(op.operand(1).equals(op.operand(2)), "k and v must agree, found %s", op.operands());
    Shapes.requireDim(op, 1, 2, op.operand(0).dim(3));
    Shapes.requireDim(op, 1, 3, op.operand(0).dim(4));
    Dim batch = op.operand(1).dim(0);
    requireQueryBatch(op, batch);
    if (op.operands().size() == 4) {
      requireLengths(op, 3, batch);
    }
    List<Dim> dims = new ArrayList<>(op.operand(0).dims());
    dims.set(0, batch);
    return List.of(TensorType.of(op.operand(0).element(), dims));
  }

  static void requireQueryBatch(Signature op, Dim batch) {
    Dim found = op.operand(0).dim(0);
    boolean divides = found.isConstant()
        && batch.isConstant()
        && found.coefficient() > 0
        && batch.coefficient() % found.coefficient() == 0;
    op.require(divides, "query batch %s must divide the text batch %s", found.text(), batch.text());
  }

  static void requireLengths(Signature op, int operand, Dim batch) {
    Shapes.requireElement(op, operand, ScalarType.I32);
    Shapes.requireRank(op, operand, 1);
    Shapes.requireDim(op, operand, 0, batch);
  }

  private static long crossAttentionFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    return Math.multiplyExact(
        4, Math.multiplyExact(elements, op.operand(1).dim(1).evaluate(symbols)));
  }
}
