package org.quantcache.tools.layers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which points of two sides show the same value: those of one name, then those that stand at the same place of the model
 * with the same sizes, the first axis apart, for a build may compute once what both halves of a batch share. Where
 * several stand there, they belong together in their order, when both sides have as many.
 *
 * @param partnerOfA point of B by point of A
 * @param partnerOfB point of A by point of B
 */
record Pairing(Map<Integer, Integer> partnerOfA, Map<Integer, Integer> partnerOfB) {
  Pairing {
    partnerOfA = ImmutableMap.copyOf(partnerOfA);
    partnerOfB = ImmutableMap.copyOf(partnerOfB);
  }

  static Pairing of(List<Point> a, List<Point> b) {
    Search search = new Search(a, b);
    search.pairNamed();
    search.pairEqual(point -> point.at() + "|" + point.shape());
    search.pairEqual(point -> point.location().text() + "|" + point.shape());
    search.pairEqual(point -> point.at() + "|" + point.shape() + "|" + point.op());
    return new Pairing(new TreeMap<>(search.ofA), new TreeMap<>(search.ofB));
  }

  /** Points of a side without a partner, in order. */
  static List<Point> unmatched(List<Point> points, Map<Integer, Integer> partners) {
    ImmutableList.Builder<Point> out = ImmutableList.builder();
    for (int i = 0; i < points.size(); i++) {
      if (!partners.containsKey(i)) {
        out.add(points.get(i));
      }
    }
    return out.build();
  }

  private static final class Search {
    private final List<Point> a;
    private final List<Point> b;
    private final Map<Integer, Integer> ofA = new LinkedHashMap<>();
    private final Map<Integer, Integer> ofB = new LinkedHashMap<>();

    Search(List<Point> a, List<Point> b) {
      this.a = a;
      this.b = b;
    }

    private void pair(int left, int right) {
      ofA.put(left, right);
      ofB.put(right, left);
    }

    /** A tensor of a file has nothing but its name; that of an operation is the place where no result has the name. */
    void pairNamed() {
      Map<String, Integer> names = new TreeMap<>();
      for (int i = 0; i < b.size(); i++) {
        if (!b.get(i).name().isEmpty()) {
          names.putIfAbsent(b.get(i).name(), i);
        }
      }
      for (int i = 0; i < a.size(); i++) {
        Integer right = names.get(a.get(i).name());
        if (right != null && !ofB.containsKey(right)) {
          pair(i, right);
        }
      }
    }

    void pairEqual(java.util.function.Function<Point, String> key) {
      Map<String, List<Integer>> left = groups(a, ofA, key);
      Map<String, List<Integer>> right = groups(b, ofB, key);
      left.forEach((name, members) -> {
        List<Integer> others = right.getOrDefault(name, List.of());
        if (members.size() == others.size()) {
          for (int i = 0; i < members.size(); i++) {
            pair(members.get(i), others.get(i));
          }
        }
      });
    }

    private static Map<String, List<Integer>> groups(
        List<Point> points,
        Map<Integer, Integer> paired,
        java.util.function.Function<Point, String> key) {
      Map<String, List<Integer>> out = new LinkedHashMap<>();
      for (int i = 0; i < points.size(); i++) {
        if (!paired.containsKey(i)) {
          out.computeIfAbsent(key.apply(points.get(i)), k -> new ArrayList<>()).add(i);
        }
      }
      return out;
    }
  }
}
