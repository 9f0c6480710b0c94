package org.quantcache.tools.report.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Numbers for things by a text that says all about them: the same text, the same number. */
final class Interner<T> {
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final List<T> things = new ArrayList<>();

  /** Number of what has this text; made when it is new. */
  int number(String text, Supplier<T> made) {
    Integer known = numbers.get(text);
    if (known != null) {
      return known;
    }
    things.add(made.get());
    numbers.put(text, things.size() - 1);
    return things.size() - 1;
  }

  /** All things by number. */
  List<T> all() {
    return Collections.unmodifiableList(things);
  }
}
