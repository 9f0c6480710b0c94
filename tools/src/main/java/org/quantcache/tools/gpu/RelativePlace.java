package org.quantcache.tools.gpu;

import java.util.ArrayList;
import java.util.List;

/** What stands at the same relative place in a row of another length: first for first, last for last. */
final class RelativePlace {
  private RelativePlace() {}

  /**
   * The place in a row of {@code known} that stands for place {@code index} of {@code count}.
   *
   * @param count at least 1
   * @param known at least 1
   */
  static int of(int index, int count, int known) {
    return count == 1 ? 0 : Math.round((float) index * (known - 1) / (count - 1));
  }

  /** A row stretched to another length. */
  static <T> List<T> stretched(List<T> row, int count) {
    List<T> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      out.add(row.get(of(i, count, row.size())));
    }
    return out;
  }
}
