package org.quantcache.codegen.cuda;

import org.quantcache.ir.types.ScalarType;

/**
 * Floats of one kind to those of another, rounded to the nearest.
 *
 * <p>Parameters: x, out. Work items: elements.
 */
public record CastSpec(ScalarType from, ScalarType to) {
  /** Name of the function. */
  public String functionName() {
    return "cast_" + from.text() + "_" + to.text();
  }
}
