package org.quantcache.ir.types;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * Size of one axis: {@code coefficient * symbol * symbol ...}. A plain number has no symbols. Symbols are bound at
 * run time (the number of text tokens {@code L}, of sampling steps {@code N}) and have an upper bound in the module.
 *
 * @param coefficient constant factor, at least 0
 * @param symbols names in sorted order, repeated for powers
 */
public record Dim(long coefficient, List<String> symbols) {
  public Dim {
    if (coefficient < 0) {
      throw new IllegalArgumentException("a dimension is at least 0, found " + coefficient);
    }
    for (String symbol : symbols) {
      if (!symbol.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw new IllegalArgumentException("'" + symbol + "' is no name of a symbolic size");
      }
    }
    List<String> sorted = new ArrayList<>(symbols);
    Collections.sort(sorted);
    symbols = ImmutableList.copyOf(sorted);
  }

  public static Dim of(long size) {
    return new Dim(size, List.of());
  }

  public static Dim symbol(String name) {
    return new Dim(1, List.of(name));
  }

  public boolean isConstant() {
    return symbols.isEmpty();
  }

  /** The size when it is known at compile time. */
  public OptionalLong constant() {
    return symbols.isEmpty() ? OptionalLong.of(coefficient) : OptionalLong.empty();
  }

  public Dim times(Dim other) {
    List<String> both = new ArrayList<>(symbols);
    both.addAll(other.symbols);
    return new Dim(Math.multiplyExact(coefficient, other.coefficient), both);
  }

  /** The size once every symbol has the value that {@code valueOf} gives. */
  public long evaluate(ToLongFunction<String> valueOf) {
    long size = coefficient;
    for (String symbol : symbols) {
      size = Math.multiplyExact(size, valueOf.applyAsLong(symbol));
    }
    return size;
  }

  /** {@code 6}, {@code L} or {@code 2*L}. */
  public String text() {
    if (symbols.isEmpty()) {
      return Long.toString(coefficient);
    }
    String product = String.join("*", symbols);
    return coefficient == 1 ? product : coefficient + "*" + product;
  }

  @Override
  public String toString() {
    return text();
  }
}
