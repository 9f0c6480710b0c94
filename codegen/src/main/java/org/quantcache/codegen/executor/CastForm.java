package org.quantcache.codegen.executor;

import org.quantcache.codegen.tir.KernelForm;
import org.quantcache.ir.types.ScalarType;

/**
 * Floats of one kind to those of another, rounded to the nearest.
 *
 * <p>Parameters: x, out. Work items: elements.
 */
public record CastForm(ScalarType from, ScalarType to) implements KernelForm {
  @Override
  public String functionName() {
    return "cast_" + from.text() + "_" + to.text();
  }
}
