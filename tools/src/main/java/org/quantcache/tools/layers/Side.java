package org.quantcache.tools.layers;

import java.util.List;
import org.quantcache.kernels.tensor.Tensor;

/** One of two builds, or a file of their values. */
interface Side {
  /** Takes what a side shows, on the thread that runs it. */
  interface Sink {
    /**
     * The value of a point.
     *
     * @param step of the loop, 0 outside of it
     * @param op that made it, which stands in for the one of the point where that was left out
     * @param value valid during the call
     */
    void value(int point, int step, String op, Tensor value);

    /** The first operation so far whose value is not finite though what it reads is. */
    void notFinite(String at, String op, int step, String why);
  }

  /** What it can show, in order of execution. */
  List<Point> points();

  /** Whether it shows points in the order that it is asked for instead of its own. */
  default boolean isFreeInOrder() {
    return false;
  }

  /**
   * Runs to its end and shows values.
   *
   * @param wanted points that the other side has too, in the order in which that one shows them
   */
  void run(List<Integer> wanted, Sink sink);
}
