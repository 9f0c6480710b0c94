package org.quantcache.passes.core;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/** Values of all options of one pass, defaults filled in. */
public record Options(ImmutableSortedMap<String, String> values) {
  /**
   * Checks given values and adds the defaults.
   *
   * @param hidden options of every pass that no table shows; they have no default
   * @throws UserError PA0102, PA0103
   */
  public static Options of(PassInfo info, Map<String, String> given, OptionSpec... hidden) {
    Map<String, String> all = new TreeMap<>();
    for (OptionSpec option : info.options()) {
      all.put(option.name(), given.getOrDefault(option.name(), option.otherwise()));
      option.check(info.name(), all.get(option.name()));
    }
    for (OptionSpec option : hidden) {
      if (given.containsKey(option.name())) {
        option.check(info.name(), given.get(option.name()));
        all.put(option.name(), given.get(option.name()));
      }
    }
    for (String name : given.keySet()) {
      if (!all.containsKey(name)) {
        throw UserError.of("PA0102", "pass '%s' has no option '%s'", info.name(), name)
            .withHint(
                "%s",
                NearestName.of(name, all.keySet())
                        .map(n -> "did you mean '" + n + "'? ")
                        .orElse("") + "legal: " + all.keySet());
      }
    }
    return new Options(ImmutableSortedMap.copyOf(all));
  }

  /** Whether the option has a value; only a hidden one may have none. */
  boolean has(String name) {
    return values.containsKey(name);
  }

  public long integer(String name) {
    return Long.parseLong(word(name));
  }

  public double real(String name) {
    return Double.parseDouble(word(name));
  }

  public boolean flag(String name) {
    return word(name).equals("true");
  }

  public String word(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("no option '" + name + "'");
    }
    return value;
  }

  /** {@code {a=1,b=true}}, or nothing. */
  String text() {
    return values.isEmpty()
        ? ""
        : values.entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(",", "{", "}"));
  }
}
