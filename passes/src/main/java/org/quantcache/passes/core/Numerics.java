package org.quantcache.passes.core;

/** What a pass may do to the numbers. */
public enum Numerics {
  /** Every element keeps its value: the same operations in the same order. */
  EXACT,
  /** Mathematically equal; rounding may differ. */
  REASSOCIATES,
  /** Values are rounded to fewer bits. */
  QUANTIZES,
  /** Work is left out or reused. */
  APPROXIMATES
}
