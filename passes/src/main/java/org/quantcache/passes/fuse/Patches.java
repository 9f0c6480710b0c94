package org.quantcache.passes.fuse;

import java.util.List;
import java.util.Optional;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;

/**
 * A video {@code [b, c, T, H, W]} seen as patches, in either direction: split into {@code [b, c, T', pt, H', ph, W', pw]}
 * and turned.
 *
 * @param video whole patches
 * @param split the sizes of the eight axes, those of the video
 */
record Patches(Value video, TensorType split) {
  /** From {@code [b, c, T', pt, H', ph, W', pw]} to {@code [b, T', H', W', c, pt, ph, pw]}. */
  static final List<Long> CUT = List.of(0L, 2L, 4L, 6L, 1L, 3L, 5L, 7L);

  /** From {@code [b, T', H', W', pt, ph, pw, c]} to {@code [b, c, T', pt, H', ph, W', pw]}. */
  static final List<Long> JOIN = List.of(0L, 7L, 1L, 4L, 2L, 5L, 3L, 6L);

  /** What {@code turned} cuts, when it turns axes in this order. */
  static Optional<Patches> before(Operation turned, List<Long> order) {
    return Match.single(turned.operand(0), TensorOps.RESHAPE)
        .filter(split -> turned.attributes().longs("order").equals(order))
        .map(split -> new Patches(split.operand(0), split.result().type()))
        .filter(Patches::isWhole);
  }

  /** The video that {@code turned} is joined to. */
  static Optional<Patches> behind(Operation turned, Value video) {
    return Optional.of(new Patches(video, turned.result().type()))
        .filter(p -> turned.attributes().longs("order").equals(JOIN))
        .filter(Patches::isWhole);
  }

  private boolean isWhole() {
    TensorType whole = video.type();
    if (whole.rank() != 5 || split.rank() != 8 || !whole.isConstant()) {
      return false;
    }
    boolean same = split.dim(0).equals(whole.dim(0)) && split.dim(1).equals(whole.dim(1));
    for (int axis = 0; axis < 3; axis++) {
      same &= split.dim(2 + 2 * axis).times(split.dim(3 + 2 * axis)).equals(whole.dim(2 + axis));
    }
    return same;
  }

  /** {@code [pt, ph, pw]} */
  long[] sizes() {
    return new long[] {split.size(3), split.size(5), split.size(7)};
  }

  /** Elements of a patch, all channels together. */
  long elements() {
    return split.size(1) * split.size(3) * split.size(5) * split.size(7);
  }

  /** Sizes of the patches as rows, {@code [b, T', S, elements]}. */
  List<Dim> rows() {
    return List.of(
        split.dim(0), split.dim(2), split.dim(4).times(split.dim(6)), Dim.of(elements()));
  }

  /** Whether a latent needs these patches, and no more. */
  boolean fills(TensorType latent) {
    boolean out = true;
    for (int axis = 0; axis < 3; axis++) {
      long missing = video.type().size(2 + axis) - latent.size(2 + axis);
      out &= missing >= 0 && missing < sizes()[axis];
    }
    return out;
  }
}
