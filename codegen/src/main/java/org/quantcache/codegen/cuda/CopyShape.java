package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.codegen.tir.CopySpec;

/**
 * A copy over as few axes and with as large elements as it allows.
 *
 * @param bytes of an element, up to 16
 * @param axes from the outermost on, at least one
 */
record CopyShape(int bytes, long inBase, long outBase, List<Axis> axes) {
  private static final int MOST_BYTES = 16;

  /**
   * An axis of the index space.
   *
   * @param size of the index space
   * @param limit indices that have a source
   * @param in elements from one index to the next where it is read
   * @param out the same where it is written
   */
  record Axis(long size, long limit, long in, long out) {
    private boolean isWhole() {
      return limit == size;
    }

    private boolean continues(Axis before) {
      return isWhole() && before.isWhole() && before.in == in * size && before.out == out * size;
    }

    /** In elements of {@code times} as many bytes, which lie together on the innermost axis. */
    private Axis widened(int times, boolean innermost) {
      return innermost
          ? new Axis(size / times, limit / times, in, out)
          : new Axis(size, limit, in / times, out / times);
    }
  }

  static CopyShape of(CopySpec spec) {
    List<Axis> axes = new ArrayList<>();
    for (int a = spec.sizes().size() - 1; a >= 0; a--) {
      Axis axis = new Axis(
          spec.sizes().get(a),
          spec.limits().get(a),
          spec.inStrides().get(a),
          spec.outStrides().get(a));
      if (axis.size == 1 && axis.limit == 1) {
        continue;
      }
      if (!axes.isEmpty() && axes.get(0).continues(axis)) {
        Axis later = axes.get(0);
        long size = axis.size * later.size;
        axes.set(0, new Axis(size, size, later.in, later.out));
      } else {
        axes.add(0, axis);
      }
    }
    // Nothing is launched for no elements, but the kernel is compiled.
    if (axes.isEmpty() || spec.sizes().contains(0L)) {
      axes.clear();
      axes.add(new Axis(1, 1, 1, 1));
    }
    CopyShape shape = new CopyShape(spec.bytes(), spec.inBase(), spec.outBase(), axes);
    int times = MOST_BYTES / spec.bytes();
    while (!shape.allows(times)) {
      times /= 2;
    }
    return shape.widened(times);
  }

  private boolean allows(int times) {
    Axis last = axes.get(axes.size() - 1);
    boolean together = last.in == 1 && last.out == 1;
    if (times == 1) {
      return true;
    }
    return together
        && last.size % times == 0
        && last.limit % times == 0
        && inBase % times == 0
        && outBase % times == 0
        && axes.subList(0, axes.size() - 1).stream()
            .allMatch(a -> a.in % times == 0 && a.out % times == 0);
  }

  private CopyShape widened(int times) {
    List<Axis> wide = new ArrayList<>();
    for (int a = 0; a < axes.size(); a++) {
      wide.add(axes.get(a).widened(times, times > 1 && a == axes.size() - 1));
    }
    return new CopyShape(bytes * times, inBase / times, outBase / times, wide);
  }

  /** Elements of the index space. */
  long count() {
    return axes.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
  }
}
