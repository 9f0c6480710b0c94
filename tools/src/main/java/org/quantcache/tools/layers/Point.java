package org.quantcache.tools.layers;

import java.util.List;
import org.quantcache.ir.core.Location;

/**
 * A value of one side that can be compared.
 *
 * @param at place in the model; of a fused operation the last one, where its value stands
 * @param op name of the operation, or {@code file}
 * @param location all places
 * @param name of the result that shows this value to a caller; empty for most
 * @param shape sizes of all axes but the first, as text
 * @param bytes of the value, symbolic sizes at their bounds
 * @param inLoop whether it is computed at every step
 */
record Point(
    String at,
    String op,
    Location location,
    String name,
    String shape,
    long bytes,
    boolean inLoop) {
  /** What a value without a place in the model is called. */
  static String place(Location location) {
    List<String> paths = location.paths();
    return paths.isEmpty() ? location.text() : paths.get(paths.size() - 1);
  }
}
