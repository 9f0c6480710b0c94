package org.quantcache.tools.layers;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * One value of both sides.
 *
 * @param at place in the model
 * @param places all places in the model that the value of B has
 * @param step of the loop, 0 outside of it
 * @param opA operation of A
 * @param opB operation of B
 * @param distance how far B is from A
 */
public record LayerRow(
    String at, List<String> places, int step, String opA, String opB, Distance distance) {
  public LayerRow {
    places = ImmutableList.copyOf(places);
  }

  /** Norm of the difference over the norm of A's value; not a number where either is not finite. */
  public double relativeL2() {
    return distance.relativeL2();
  }
}
