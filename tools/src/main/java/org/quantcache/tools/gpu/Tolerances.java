package org.quantcache.tools.gpu;

/** Largest distances from the reference device, over the largest number of a row. */
final class Tolerances {
  /** Kernels that compute in f32 add in another order than the reference device. */
  static final double FLOATS = 2e-5;
  /** A result of 16 bits may be rounded to the neighbour of its value. */
  static final double HALVES = 4.5e-3;
  /** Weights of attention are rounded to 16 bits before they are multiplied. */
  static final double HALF_ATTENTION = 1e-2;
  /** Behind a prologue a number may be rounded to the neighbouring step of its grid. */
  static final double ONE_STEP = 2e-2;
  /** Far below one step of a grid. */
  static final double SAME_STEP = 1e-5;

  private Tolerances() {}
}
