package org.quantcache.ir.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Longest common subsequence of two lists in linear memory (Hirschberg, "A linear space algorithm for computing maximal
 * common subsequences", 1975). Time grows with the product of the lengths of the parts that differ at either end.
 */
final class CommonLines {
  private final int[] left;
  private final int[] right;
  private final List<int[]> pairs = new ArrayList<>();

  private CommonLines(int[] left, int[] right) {
    this.left = left;
    this.right = right;
  }

  /** Index pairs of equal keys, rising on both sides, as many as there can be. */
  static List<int[]> of(List<String> before, List<String> after) {
    Map<String, Integer> numbers = new HashMap<>();
    CommonLines search = new CommonLines(intern(before, numbers), intern(after, numbers));
    search.solve(0, search.left.length, 0, search.right.length);
    return search.pairs;
  }

  private static int[] intern(List<String> keys, Map<String, Integer> numbers) {
    int[] out = new int[keys.size()];
    for (int i = 0; i < out.length; i++) {
      Integer number = numbers.get(keys.get(i));
      if (number == null) {
        number = numbers.size();
        numbers.put(keys.get(i), number);
      }
      out[i] = number;
    }
    return out;
  }

  private void solve(int leftFrom, int leftTo, int rightFrom, int rightTo) {
    int a = leftFrom;
    int b = rightFrom;
    while (a < leftTo && b < rightTo && left[a] == right[b]) {
      pairs.add(new int[] {a++, b++});
    }
    int aEnd = leftTo;
    int bEnd = rightTo;
    while (a < aEnd && b < bEnd && left[aEnd - 1] == right[bEnd - 1]) {
      aEnd--;
      bEnd--;
    }
    if (aEnd - a == 1) {
      single(a, b, bEnd);
    } else if (aEnd - a > 1 && b < bEnd) {
      split(a, aEnd, b, bEnd);
    }
    for (int i = 0; i < leftTo - aEnd; i++) {
      pairs.add(new int[] {aEnd + i, bEnd + i});
    }
  }

  private void single(int a, int b, int bEnd) {
    for (int j = b; j < bEnd; j++) {
      if (left[a] == right[j]) {
        pairs.add(new int[] {a, j});
        return;
      }
    }
  }

  private void split(int a, int aEnd, int b, int bEnd) {
    int middle = (a + aEnd) / 2;
    int[] head = forward(a, middle, b, bEnd);
    int[] tail = backward(middle, aEnd, b, bEnd);
    int best = 0;
    for (int j = 1; j < head.length; j++) {
      if (head[j] + tail[j] > head[best] + tail[best]) {
        best = j;
      }
    }
    solve(a, middle, b, b + best);
    solve(middle, aEnd, b + best, bEnd);
  }

  /** Lengths for the left part against every prefix of the right one. */
  private int[] forward(int a, int aEnd, int b, int bEnd) {
    int[] row = new int[bEnd - b + 1];
    for (int i = a; i < aEnd; i++) {
      int diagonal = 0;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        row[j] = left[i] == right[b + j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    return row;
  }

  /** Lengths for the left part against every suffix of the right one. */
  private int[] backward(int a, int aEnd, int b, int bEnd) {
    int[] row = new int[bEnd - b + 1];
    for (int i = aEnd - 1; i >= a; i--) {
      int diagonal = 0;
      for (int j = row.length - 2; j >= 0; j--) {
        int below = row[j];
        row[j] = left[i] == right[b + j] ? diagonal + 1 : Math.max(below, row[j + 1]);
        diagonal = below;
      }
    }
    return row;
  }
}
