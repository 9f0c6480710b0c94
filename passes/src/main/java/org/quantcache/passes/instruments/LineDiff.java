package org.quantcache.passes.instruments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Difference of two texts in the unified form, three lines of context. Lines that occur once in both texts are
 * anchors, and what lies between two anchors is removed and added as a whole: near-linear in the size of the texts,
 * where the shortest difference would be quadratic.
 */
final class LineDiff {
  private static final int CONTEXT = 3;

  /** A line with its mark: blank, minus or plus. */
  private record Line(char mark, String text) {}

  private final List<String> before;
  private final List<String> after;
  private final List<Line> lines = new ArrayList<>();

  private LineDiff(String before, String after) {
    this.before = Arrays.asList(before.split("\n"));
    this.after = Arrays.asList(after.split("\n"));
  }

  /** The difference; the empty string for equal texts. */
  static String between(String before, String after) {
    if (before.equals(after)) {
      return "";
    }
    LineDiff diff = new LineDiff(before, after);
    diff.compare(0, diff.before.size(), 0, diff.after.size());
    return diff.text();
  }

  private void compare(int fromBefore, int toBefore, int fromAfter, int toAfter) {
    int a = fromBefore;
    int b = fromAfter;
    while (a < toBefore && b < toAfter && before.get(a).equals(after.get(b))) {
      lines.add(new Line(' ', before.get(a++)));
      b++;
    }
    int aEnd = toBefore;
    int bEnd = toAfter;
    while (aEnd > a && bEnd > b && before.get(aEnd - 1).equals(after.get(bEnd - 1))) {
      aEnd--;
      bEnd--;
    }
    List<int[]> anchors = anchors(a, aEnd, b, bEnd);
    for (int[] anchor : anchors) {
      compare(a, anchor[0], b, anchor[1]);
      lines.add(new Line(' ', before.get(anchor[0])));
      a = anchor[0] + 1;
      b = anchor[1] + 1;
    }
    if (anchors.isEmpty()) {
      before.subList(a, aEnd).forEach(line -> lines.add(new Line('-', line)));
      after.subList(b, bEnd).forEach(line -> lines.add(new Line('+', line)));
    } else {
      compare(a, aEnd, b, bEnd);
    }
    before.subList(aEnd, toBefore).forEach(line -> lines.add(new Line(' ', line)));
  }

  /** The longest increasing chain of lines that occur once on each side. */
  private List<int[]> anchors(int a, int aEnd, int b, int bEnd) {
    Map<String, Integer> places = uniquePlaces(after, b, bEnd);
    Map<String, Integer> own = uniquePlaces(before, a, aEnd);
    List<int[]> pairs = new ArrayList<>();
    for (int i = a; i < aEnd; i++) {
      Integer place = places.get(before.get(i));
      if (place != null && place >= 0 && own.get(before.get(i)) == i) {
        pairs.add(new int[] {i, place});
      }
    }
    return longestChain(pairs);
  }

  /** Place of each line, -1 for lines that occur again. */
  private static Map<String, Integer> uniquePlaces(List<String> text, int from, int to) {
    Map<String, Integer> out = new HashMap<>();
    for (int i = from; i < to; i++) {
      out.merge(text.get(i), i, (first, again) -> -1);
    }
    return out;
  }

  private static List<int[]> longestChain(List<int[]> pairs) {
    int[] previous = new int[pairs.size()];
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      int place = pairs.get(i)[1];
      int low = 0;
      int high = ends.size();
      while (low < high) {
        int middle = (low + high) / 2;
        if (pairs.get(ends.get(middle))[1] < place) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      previous[i] = low == 0 ? -1 : ends.get(low - 1);
      if (low == ends.size()) {
        ends.add(i);
      } else {
        ends.set(low, i);
      }
    }
    List<int[]> chain = new ArrayList<>();
    for (int i = ends.isEmpty() ? -1 : ends.get(ends.size() - 1); i >= 0; i = previous[i]) {
      chain.add(pairs.get(i));
    }
    java.util.Collections.reverse(chain);
    return chain;
  }

  private String text() {
    StringBuilder out = new StringBuilder("--- before\n+++ after\n");
    int beforeLine = 1;
    int afterLine = 1;
    for (int i = 0; i < lines.size(); ) {
      if (!isNearChange(i)) {
        beforeLine++;
        afterLine++;
        i++;
        continue;
      }
      StringBuilder hunk = new StringBuilder();
      int beforeStart = beforeLine;
      int afterStart = afterLine;
      for (; i < lines.size() && isNearChange(i); i++) {
        Line line = lines.get(i);
        beforeLine += line.mark == '+' ? 0 : 1;
        afterLine += line.mark == '-' ? 0 : 1;
        hunk.append(line.mark).append(line.text).append('\n');
      }
      out.append("@@ -").append(beforeStart).append(',').append(beforeLine - beforeStart);
      out.append(" +")
          .append(afterStart)
          .append(',')
          .append(afterLine - afterStart)
          .append(" @@\n")
          .append(hunk);
    }
    return out.toString();
  }

  private boolean isNearChange(int index) {
    for (int i = Math.max(0, index - CONTEXT);
        i <= Math.min(lines.size() - 1, index + CONTEXT);
        i++) {
      if (lines.get(i).mark != ' ') {
        return true;
      }
    }
    return false;
  }
}
