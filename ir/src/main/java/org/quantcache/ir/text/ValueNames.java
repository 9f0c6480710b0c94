package org.quantcache.ir.text;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;

/**
 * Names of the values of one function, unique in it. A hint is kept where it is free and gets a suffix where it is not;
 * values without one are numbered in order. The names depend on nothing but the function.
 */
final class ValueNames {
  private final Map<Value, String> names = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> suffixes = new HashMap<>();
  private final boolean useHints;
  private int unnamed;

  private ValueNames(boolean useHints) {
    this.useHints = useHints;
  }

  /** Names for everything in {@code function}; only numbers unless hints are to be used. */
  static ValueNames of(Function function, boolean useHints) {
    ValueNames names = new ValueNames(useHints);
    names.region(function.body());
    return names;
  }

  /** The name without {@code %}; a value of another function has none and gives {@code ?}. */
  String of(Value value) {
    return names.getOrDefault(value, "?");
  }

  static boolean isNumber(String name) {
    return !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private void region(Region region) {
    region.arguments().forEach(this::name);
    for (Operation operation : region.operations()) {
      operation.results().forEach(this::name);
      for (Region inner : operation.regions()) {
        region(inner);
      }
    }
  }

  private void name(Value value) {
    String hint = useHints ? sanitized(value.nameHint()) : "";
    String name = hint.isEmpty() ? Integer.toString(unnamed++) : unique(hint);
    taken.add(name);
    names.put(value, name);
  }

  private String unique(String hint) {
    String name = hint;
    while (taken.contains(name)) {
      name = hint + "_" + suffixes.merge(hint, 1, Integer::sum);
    }
    return name;
  }

  /** The hint with every character that names do not have replaced; nothing when no name is left. */
  private static String sanitized(String hint) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < hint.length(); i++) {
      char c = hint.charAt(i);
      boolean kept = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      out.append(kept ? c : '_');
    }
    String name = out.toString();
    return isNumber(name) ? "" : name;
  }
}
