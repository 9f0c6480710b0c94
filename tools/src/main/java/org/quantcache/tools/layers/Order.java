package org.quantcache.tools.layers;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** In which order a side shows its points. */
final class Order {
  private static final int IN_FRONT = 0;
  private static final int IN_LOOP = 1;
  private static final int BEHIND = 2;

  private final int[] parts;
  private final int[] ranks;

  private Order(int points) {
    this.parts = new int[points];
    this.ranks = new int[points];
  }

  /** The order of the side itself. */
  static Order own(Side side) {
    List<Point> points = side.points();
    Order out = new Order(points.size());
    int part = IN_FRONT;
    for (int i = 0; i < points.size(); i++) {
      part = points.get(i).inLoop() ? IN_LOOP : part == IN_LOOP ? BEHIND : part;
      out.parts[i] = part;
      out.ranks[i] = i;
    }
    return out;
  }

  /** The order of the partners; no point has another part than the first. */
  static Order following(Side side, Map<Integer, Integer> partners) {
    Order out = new Order(side.points().size());
    partners.forEach((point, partner) -> out.ranks[point] = partner);
    return out;
  }

  /** Points in this order. */
  List<Integer> sorted(Collection<Integer> points) {
    return points.stream()
        .sorted(Comparator.comparingInt(point -> ranks[point]))
        .toList();
  }

  /** When a point is shown at a step. */
  Position position(int point, int step) {
    return new Position(parts[point], parts[point] == IN_LOOP ? step : 0, ranks[point]);
  }

  /** Whether a side that is at {@code now} will not show a point of a step any more. */
  boolean isPast(Position now, int point, int step) {
    return now.compareTo(position(point, step)) > 0;
  }
}
