package org.quantcache.passes.srap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.passes.stack.Layer;
import org.quantcache.passes.stack.Stretch;

/**
 * What is left out at once: a layer, or one branch of it.
 *
 * @param layer that it is, or belongs to
 * @param stretch from where the stream comes in to where it leaves; its name is that of the site
 * @param part what the branch is called within its layer; empty for the whole layer
 */
record Site(Layer layer, Stretch stretch, Optional<String> part) {
  static Site whole(Layer layer) {
    return new Site(layer, layer.stretch(), Optional.empty());
  }

  /** All layers, and all their branches. */
  static List<Site> all(List<Layer> layers) {
    List<Site> out = new ArrayList<>();
    for (Layer layer : layers) {
      out.add(whole(layer));
      for (Stretch part : layer.parts()) {
        out.add(new Site(layer, part, Optional.of(part.last().kind().part())));
      }
    }
    return out;
  }

  /** Name in plans, decisions and traces. */
  String name() {
    return stretch.name();
  }
}
