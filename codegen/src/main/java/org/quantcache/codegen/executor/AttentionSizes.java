package org.quantcache.codegen.executor;

import java.util.List;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Operation;

/**
 * Sequences along frames or places of a tensor {@code [B, T, S, 3C]} that holds q, k and v.
 *
 * @param heads of a row
 * @param headDim channels of a head
 */
record AttentionSizes(
    long samples, long frames, long places, boolean overFrames, int heads, int headDim) {
  /** Those of operand 0. */
  static AttentionSizes of(Operation op) {
    List<Long> sizes = Places.constantSizes(op, op.operand(0));
    int heads = (int) op.attributes().integer("heads");
    return new AttentionSizes(
        sizes.get(0), sizes.get(1), sizes.get(2), op.attributes().integer("axis") == 1, heads, (int)
            (sizes.get(3) / 3 / heads));
  }

  int length() {
    return (int) (overFrames ? frames : places);
  }

  long rows() {
    return samples * frames * places;
  }

  private long sequences() {
    return overFrames ? places : frames;
  }

  /** Sequences of a sample; rows from sample to sample, from sequence to sequence, from place to place. */
  List<String> numbers() {
    return List.of(
        Long.toString(sequences()),
        Long.toString(frames * places),
        Long.toString(overFrames ? 1 : places),
        Long.toString(overFrames ? places : 1));
  }

  /** Heads of all sequences. */
  String items() {
    return Long.toString(samples * sequences() * heads);
  }

  /** Attention as the attributes say. */
  SelfAttentionSpec spec(Operation op) {
    Attributes a = op.attributes();
    return new SelfAttentionSpec(
        heads,
        headDim,
        length(),
        a.flag("norm"),
        a.flag("rope"),
        a.real("scale"),
        a.flag("norm") ? a.real("epsilon") : 0);
  }
}
