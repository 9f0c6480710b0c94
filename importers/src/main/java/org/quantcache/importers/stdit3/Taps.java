package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/** Inner values that a caller asked for, under the names of the original modules. */
final class Taps {
  private final List<String> wanted;
  private final Map<String, Value> found = new LinkedHashMap<>();

  Taps(List<String> wanted) {
    this.wanted = wanted;
  }

  /** No taps. */
  static Taps none() {
    return new Taps(List.of());
  }

  /** Taps of a request. @throws UserError IM0502 for a name that the model has not */
  static Taps of(StditConfig config, List<String> requested) {
    List<String> known = names(config);
    if (requested.equals(List.of(ForwardRequest.ALL_TAPS))) {
      return new Taps(known);
    }
    for (String name : requested) {
      if (!known.contains(name)) {
        throw UserError.of("IM0502", "the model has no inner value '%s'", name)
            .withHint(
                "%s",
                NearestName.of(name, known)
                    .map(n -> "did you mean '" + n + "'?")
                    .orElse("known: " + known));
      }
    }
    return new Taps(requested);
  }

  boolean wants(String name) {
    return wanted.contains(name);
  }

  void put(String name, Value value) {
    found.put(name, value);
  }

  Map<String, Value> found() {
    return found;
  }

  private static List<String> names(StditConfig config) {
    List<String> out = new ArrayList<>(List.of("x_embedder", "pos_embed", "t_block"));
    if (!config.skipYEmbedder()) {
      out.add("y_embedder");
    }
    for (int k = 0; k < config.depth(); k++) {
      for (String stack : List.of("spatial_blocks.", "temporal_blocks.")) {
        out.addAll(
            List.of(stack + k + ".attn", stack + k + ".cross_attn", stack + k + ".mlp", stack + k));
      }
    }
    out.add("final_layer");
    return out;
  }
}
