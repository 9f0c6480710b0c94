package org.quantcache.codegen.executor;

import org.quantcache.codegen.tir.KernelForm;

/**
 * Adds rows up, always in the same order, so that what was measured of a step is a few numbers by the time that it travels
 * to the host.
 *
 * <p>Parameters: rows f32 {@code [n, width]}, total f32 {@code [width]}, n. Work items: one.
 *
 * @param width of a row
 */
public record TotalForm(int width) implements KernelForm {
  @Override
  public String functionName() {
    return "total_" + width;
  }
}
