package org.quantcache.ir.core;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The known operations, by name. Immutable. */
public final class OpRegistry {
  private final Map<String, OpDef> definitions;

  public OpRegistry(Iterable<OpDef> definitions) {
    Map<String, OpDef> sorted = new TreeMap<>();
    for (OpDef definition : definitions) {
      if (sorted.putIfAbsent(definition.name(), definition) != null) {
        throw new IllegalArgumentException("'" + definition.name() + "' is defined twice");
      }
    }
    this.definitions = ImmutableSortedMap.copyOf(sorted);
  }

  public Optional<OpDef> find(String name) {
    return Optional.ofNullable(definitions.get(name));
  }

  /** @throws IllegalArgumentException when there is no such operation */
  public OpDef get(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("no operation '" + name + "'"));
  }

  /** All definitions in name order. */
  public Collection<OpDef> all() {
    return definitions.values();
  }
}
