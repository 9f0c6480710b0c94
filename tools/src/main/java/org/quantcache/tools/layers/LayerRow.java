package org.quantcache.tools.layers;

/**
 * One value of both sides.
 *
 * @param at place in the model
 * @param step of the loop, 0 outside of it
 * @param opA operation of A
 * @param opB operation of B
 * @param distance how far B is from A
 */
public record LayerRow(String at, int step, String opA, String opB, Distance distance) {
  /** Norm of the difference over the norm of A's value; not a number where either is not finite. */
  public double relativeL2() {
    return distance.relativeL2();
  }
}
