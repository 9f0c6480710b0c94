package org.quantcache.ir.diff;

import java.util.ArrayList;
import java.util.List;

/** Lines of two lists side by side in one column: {@code -} left only, {@code +} right only, blank for both. */
final class UnifiedLines {
  private static final int CONTEXT = 2;

  private UnifiedLines() {}

  /** The changed lines with context; nothing when all agree. The text of a common line is the right one's. */
  static List<String> of(
      List<DiffLine> before, List<DiffLine> after, Correspondence correspondence) {
    List<int[]> pairs = CommonLines.of(
        before.stream().map(DiffLine::key).toList(),
        after.stream().map(DiffLine::key).toList());
    List<String> all = new ArrayList<>();
    int left = 0;
    int right = 0;
    for (int[] pair : pairs) {
      appendChanges(all, before.subList(left, pair[0]), after.subList(right, pair[1]));
      DiffLine old = before.get(pair[0]);
      DiffLine now = after.get(pair[1]);
      boolean same = old.operation().isEmpty()
          || correspondence.match(old.operation().get(), now.operation().orElseThrow());
      if (same) {
        all.add("  " + now.text());
      } else {
        appendChanges(all, List.of(old), List.of(now));
      }
      left = pair[0] + 1;
      right = pair[1] + 1;
    }
    appendChanges(all, before.subList(left, before.size()), after.subList(right, after.size()));
    return withContext(all);
  }

  private static void appendChanges(
      List<String> all, List<DiffLine> removed, List<DiffLine> added) {
    removed.forEach(line -> all.add("- " + line.text()));
    added.forEach(line -> all.add("+ " + line.text()));
  }

  private static List<String> withContext(List<String> all) {
    boolean[] shown = new boolean[all.size()];
    for (int i = 0; i < all.size(); i++) {
      if (!all.get(i).startsWith(" ")) {
        for (int j = Math.max(0, i - CONTEXT); j <= Math.min(all.size() - 1, i + CONTEXT); j++) {
          shown[j] = true;
        }
      }
    }
    List<String> out = new ArrayList<>();
    boolean skipped = false;
    for (int i = 0; i < all.size(); i++) {
      if (shown[i]) {
        if (skipped && !out.isEmpty()) {
          out.add("  ...");
        }
        out.add(all.get(i));
      }
      skipped = !shown[i];
    }
    return out;
  }
}
