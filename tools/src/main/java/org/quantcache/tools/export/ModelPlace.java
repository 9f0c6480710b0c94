package org.quantcache.tools.export;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.Location;

/** Parts of the model that a location lies in: {@code spatial_blocks.2.attn.qkv} is in spatial_blocks.2, in attn, in qkv. */
final class ModelPlace {
  private ModelPlace() {}

  /** Names of the parts, outermost first; those of the first path where operations were fused. */
  static List<String> groups(Location location) {
    if (location.paths().isEmpty()) {
      return List.of();
    }
    List<String> out = new ArrayList<>();
    for (String part : location.paths().get(0).split("\\.")) {
      if (!out.isEmpty() && part.matches("[0-9]+")) {
        out.set(out.size() - 1, out.get(out.size() - 1) + "." + part);
      } else {
        out.add(part);
      }
    }
    return out;
  }
}
