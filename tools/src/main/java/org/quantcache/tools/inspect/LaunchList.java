package org.quantcache.tools.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quantcache.ir.core.Operation;

/** Kernels that the operations of an artifact launch, as its {@code report.json} lists them. */
public final class LaunchList {
  private final Map<String, Set<String>> kernels = new LinkedHashMap<>();

  private LaunchList() {}

  /** Launches of all functions. @param report {@code report.json} */
  public static LaunchList of(JsonNode report) {
    LaunchList out = new LaunchList();
    report.path("launches").forEach(out::add);
    return out;
  }

  /** Launches of one function. */
  static LaunchList of(JsonNode report, String function) {
    LaunchList out = new LaunchList();
    out.add(report.path("launches").path(function));
    return out;
  }

  private void add(JsonNode launches) {
    for (JsonNode launch : launches) {
      kernels
          .computeIfAbsent(
              key(launch.path("op").asText(), launch.path("at").asText()),
              key -> new LinkedHashSet<>())
          .add(launch.path("kernel").asText());
    }
  }

  /** Kernels of an operation, and of others of its name and place, in order. */
  public List<String> kernels(Operation operation) {
    return List.copyOf(
        kernels.getOrDefault(key(operation.name(), operation.location().text()), Set.of()));
  }

  private static String key(String op, String at) {
    return op + " " + at;
  }
}
