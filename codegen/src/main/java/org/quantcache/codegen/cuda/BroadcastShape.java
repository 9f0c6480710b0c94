package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sizes of a result and its operands over as few axes as they need, since finding an index on an axis costs a division.
 *
 * @param axes from the outermost on, at least one
 */
record BroadcastShape(List<Axis> axes) {
  /**
   * An axis.
   *
   * @param size of the result
   * @param operands sizes of the operands
   */
  record Axis(long size, List<Long> operands) {
    /** Whether each operand has all of this axis, or repeats on it as it does on the axis before. */
    private boolean continues(Axis before) {
      for (int i = 0; i < operands.size(); i++) {
        long own = operands.get(i);
        boolean repeats = before.operands.get(i) == 1 && size % own == 0;
        if (own != size && !repeats) {
          return false;
        }
      }
      return true;
    }

    /** The axis before and this one: an index modulo both sizes is that of both indices modulo theirs. */
    private Axis joinedTo(Axis before) {
      List<Long> products = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        products.add(before.operands.get(i) * operands.get(i));
      }
      return new Axis(before.size * size, products);
    }

    private boolean hasWhole(int width) {
      return operands.stream().allMatch(own -> own == 1 || own == size || own % width == 0);
    }
  }

  /** Operands have as many axes as the result. */
  static BroadcastShape of(List<Long> sizes, List<List<Long>> operands) {
    Axis single = new Axis(1, Collections.nCopies(operands.size(), 1L));
    // Nothing is launched for no elements, but the kernel is compiled.
    if (Stream.concat(Stream.of(sizes), operands.stream()).anyMatch(s -> s.contains(0L))) {
      return new BroadcastShape(List.of(single));
    }
    List<Axis> axes = new ArrayList<>(List.of(single));
    for (int a = sizes.size() - 1; a >= 0; a--) {
      int axis = a;
      Axis before =
          new Axis(sizes.get(a), operands.stream().map(o -> o.get(axis)).toList());
      if (axes.get(0).continues(before)) {
        axes.set(0, axes.get(0).joinedTo(before));
      } else {
        axes.add(0, before);
      }
    }
    return new BroadcastShape(axes);
  }

  List<Long> sizes() {
    return axes.stream().map(Axis::size).toList();
  }

  List<Long> operand(int operand) {
    return axes.stream().map(a -> a.operands.get(operand)).toList();
  }

  /** Elements of the result. */
  long count() {
    return axes.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
  }

  /** Elements that lie together in all operands, a power of two up to {@code most}; the last of one axis may be fewer. */
  int width(int most) {
    Axis last = axes.get(axes.size() - 1);
    int width = most;
    while (width > 1 && !(last.hasWhole(width) && (axes.size() == 1 || last.size % width == 0))) {
      width /= 2;
    }
    return width;
  }
}
