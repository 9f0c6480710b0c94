package org.quantcache.kernels.cache;

import java.util.ArrayList;
import java.util.List;

/**
 * The last computed steps of a guard, and how their values are combined at a step in between: the polynomial through
 * them, as weights in the manner of Lagrange. With one value that is the value itself.
 */
public final class History {
  private final double reach;
  /** Newest first. */
  private final List<Integer> steps = new ArrayList<>();

  /** @param reach how far a polynomial is followed, in gaps between the last two computed steps */
  public History(double reach) {
    this.reach = reach;
  }

  /** The value was computed. */
  public void computed(int step) {
    steps.add(0, step);
  }

  /**
   * Weights of the last {@code length} values, newest first; fewer values than that are a polynomial of lower degree.
   */
  public float[] weights(int step, int length) {
    float[] out = new float[length];
    int known = Math.min(length, steps.size());
    if (known < 2) {
      out[0] = 1;
      return out;
    }
    int newest = steps.get(0);
    double at = newest + Math.min(step - newest, reach * (newest - steps.get(1)));
    for (int i = 0; i < known; i++) {
      double weight = 1;
      for (int j = 0; j < known; j++) {
        if (j != i) {
          weight *= (at - steps.get(j)) / (steps.get(i) - steps.get(j));
        }
      }
      out[i] = (float) weight;
    }
    return out;
  }
}
