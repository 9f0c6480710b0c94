package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.List;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** {@code fused.attention} in two: keys are made once, and read by every block of queries. */
public final class AttentionOps {
  public static final String KEYS = "fused.keys";
  public static final String BYTE_KEYS = "quant.keys";
  public static final String KEYED_ATTENTION = "fused.keyed_attention";

  /** Keys of a sequence that share a scale. */
  public static final int KEYS_PER_SCALE = 64;

  /** Channels of a key as bytes are filled up to a multiple of this, which one product of bytes takes. */
  public static final int BYTE_CHANNELS = 32;

  private AttentionOps() {}

  static List<OpDef> all() {
    return List.of(
        keys(
                KEYS,
                "fused.keys(qkv, k_norm?, rope?): the k of qkv [B, T, S, 3C], normed and rotated as fused.attention does"
                    + " it; result [B, T, S, C]")
            .types(AttentionOps::floatKeys)
            .build(),
        keys(
                BYTE_KEYS,
                "quant.keys(qkv, k_norm?, rope?): the same in f32, less its mean over the sequence, then round(k * 127 /"
                    + " most), most the largest magnitude of each 64 keys of a head; results: values i8 [B, sequences, h,"
                    + " n, d'], zeros from channel d on up to a multiple of 32, and most / 127, f32 [B, sequences, h,"
                    + " ceil(n / 64)]")
            .types(AttentionOps::byteKeys)
            .build(),
        attributes(
                OpDef.named(
                    KEYED_ATTENTION,
                    "fused.keyed_attention(qkv, q_norm?, rope?, keys, key_scale?): fused.attention with keys as fused.keys"
                        + " gives them, or with values and scales as quant.keys does; queries are then rounded in f32 to"
                        + " round(q * 127 / most), most the largest magnitude of each, and the sum of products is exact"))
            .operands(2, 5)
            .required("scale", FLOAT, "factor of the scores")
            .traits(Trait.PURE)
            .types(AttentionOps::keyedAttention)
            .flops(AttentionOps::attentionFlops)
            .build());
  }

  private static OpDef.Builder keys(String name, String text) {
    return attributes(OpDef.named(name, text))
        .operands(1, 3)
        .traits(Trait.PURE)
        .flops(AttentionOps::keyFlops);
  }

  private static OpDef.Builder attributes(OpDef.Builder builder) {
    return builder
        .required("axis", INT, "1 over frames, 2 over places")
        .required("heads", INT, "number of heads")
        .optional("epsilon", FLOAT, "of the RMS norm")
        .optional("norm", WORD, "true: operand 1 is the norm weight [d]")
        .optional("rope", WORD, "true: the operand behind is the table [n, d/2, 2]");
  }

  /** Whether {@code op} is attention within the sequences of its operand 0. */
  public static boolean isSelfAttention(Operation op) {
    return op.is(FusedOps.ATTENTION) || op.is(KEYED_ATTENTION);
  }

  /** Places of a sequence. */
  private static Dim length(TensorType qkv, long axis) {
    return qkv.dim((int) axis);
  }

  private static long headDim(Signature op) {
    return op.operand(0).size(-1) / 3 / op.attributes().integer("heads");
  }

  /** Checks qkv, the norm weight and the table; returns the number of operands up to there. */
  private static int requireSource(Signature op) {
    long headDim = FusedOps.requireHeads(op);
    int operand = 1;
    if (op.attributes().flag("norm")) {
      op.require(op.attributes().has("epsilon"), "needs epsilon for its norm");
      op.require(operand < op.operands().size(), "has no operand for its norm");
      NnOps.requireBias(op, operand++, Dim.of(headDim));
    }
    if (op.attributes().flag("rope")) {
      op.require(operand < op.operands().size(), "has no operand for its table");
      Dim positions = length(op.operand(0), op.attributes().integer("axis"));
      NnOps.requireRopeTable(op, operand++, positions, headDim);
    }
    return operand;
  }

  private static void requireCount(Signature op, int count) {
    op.require(
        op.operands().size() == count,
        "takes %d operands, found %d",
        count,
        op.operands().size());
  }

  private static TensorType floats(Signature op) {
    return op.operand(0).withDim(-1, Dim.of(op.operand(0).size(-1) / 3));
  }

  private static List<TensorType> bytes(Signature op) {
    TensorType qkv = op.operand(0);
    long axis = op.attributes().integer("axis");
    Dim sequences = qkv.dim(axis == 1 ? 2 : 1);
    Dim heads = Dim.of(op.attributes().integer("heads"));
    long length = qkv.size((int) axis);
    return List.of(
        TensorType.of(
            ScalarType.I8,
            List.of(
                qkv.dim(0),
                sequences,
                heads,
                Dim.of(length),
                Dim.of(roundedUp(headDim(op), BYTE_CHANNELS)))),
        Shapes.f32(
            qkv.dim(0),
            sequences,
            heads,
            Dim.of(roundedUp(length, KEYS_PER_SCALE) / KEYS_PER_SCALE)));
  }

  private static long roundedUp(long size, long multiple) {
    return (size + multiple - 1) / multiple * multiple;
  }

  private static List<TensorType> floatKeys(Signature op) {
    requireCount(op, requireSource(op));
    return List.of(floats(op));
  }

  private static List<TensorType> byteKeys(Signature op) {
    requireCount(op, requireSource(op));
    return bytes(op);
  }

  private static List<TensorType> keyedAttention(Signature op) {
    int keys = requireSource(op);
    op.require(keys < op.operands().size(), "has no operand for its keys");
    boolean isBytes = op.operand(keys).element().equals(ScalarType.I8);
    List<TensorType> expected = isBytes ? bytes(op) : List.of(floats(op));
    requireCount(op, keys + expected.size());
    for (int i = 0; i < expected.size(); i++) {
      op.require(
          op.operand(keys + i).equals(expected.get(i)),
          "operand %d is %s, found %s",
          keys + i,
          expected.get(i).text(),
          op.operand(keys + i).text());
    }
    return List.of(floats(op));
  }

  private static long perElement(Signature op) {
    return (op.attributes().flag("norm") ? 4 : 0) + (op.attributes().flag("rope") ? 3 : 0);
  }

  private static long keyFlops(Signature op, ToLongFunction<String> symbols) {
    long rounding = op.name().equals(BYTE_KEYS) ? 5 : 0;
    return Math.multiplyExact(
        op.operand(0).elements().evaluate(symbols) / 3, perElement(op) + rounding);
  }

  private static long attentionFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    long length = length(op.operand(0), op.attributes().integer("axis")).evaluate(symbols);
    return Math.multiplyExact(
        elements, Math.addExact(Math.multiplyExact(4, length), perElement(op)));
  }
}
