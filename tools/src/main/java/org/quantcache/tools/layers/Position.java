package org.quantcache.tools.layers;

import java.util.Comparator;

/**
 * When a side shows a value: what stands in the loop comes again at every step.
 *
 * @param part 0 in front of the loop, 1 in it, 2 behind it
 * @param step of the loop, 0 outside of it
 * @param rank of the point among those of the side
 */
record Position(int part, int step, int rank) implements Comparable<Position> {
  static final Position START = new Position(-1, 0, 0);
  static final Position END = new Position(3, 0, 0);

  private static final Comparator<Position> ORDER = Comparator.comparingInt(Position::part)
      .thenComparingInt(Position::step)
      .thenComparingInt(Position::rank);

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }
}
