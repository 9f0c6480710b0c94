package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.Addend.Kind;
import org.quantcache.passes.stack.Layer;
import org.quantcache.passes.stack.ResidualStream;
import org.quantcache.passes.stack.Stretch;

/** What each guard stands around; method section 1, from outside in. */
enum Scope {
  /** All blocks: one cache, when one schedule drives them all. */
  STACK,
  /** The first half of the blocks. */
  FRONT,
  /** The second half of the blocks. */
  REAR,
  /** Each block. */
  LAYER,
  /** Each attention over the places of a frame. */
  SPATIAL,
  /** Each attention over frames. */
  TEMPORAL,
  /** Each attention to the text. */
  CROSS,
  /** Each feed-forward branch. */
  FEED_FORWARD;

  static OptionSpec option() {
    List<String> words = new ArrayList<>();
    for (Scope scope : values()) {
      words.add(scope.text());
    }
    return OptionSpec.word(
        "at",
        STACK.text(),
        words,
        "what each guard stands around: all blocks, half of them, each block, or one branch of each block");
  }

  static Scope of(Options options) {
    return valueOf(options.word("at").replace('-', '_').toUpperCase(Locale.ROOT));
  }

  /** Spelling in options. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The stretches of a stream that get guards of their own. */
  List<Stretch> stretches(ResidualStream stream) {
    List<Layer> layers = stream.layers();
    int half = layers.size() / 2;
    return switch (this) {
      case STACK -> List.of(new Stretch(text(), stream.addends()));
      case FRONT -> joined(layers.subList(0, half));
      case REAR -> joined(layers.subList(half, layers.size()));
      case LAYER -> layers.stream().map(Layer::stretch).toList();
      case SPATIAL -> each(layers, Kind.SPATIAL_ATTENTION);
      case TEMPORAL -> each(layers, Kind.TEMPORAL_ATTENTION);
      case CROSS -> each(layers, Kind.CROSS_ATTENTION);
      case FEED_FORWARD -> each(layers, Kind.FEED_FORWARD);
    };
  }

  private List<Stretch> joined(List<Layer> layers) {
    List<Addend> all = layers.stream().flatMap(l -> l.addends().stream()).toList();
    return all.isEmpty() ? List.of() : List.of(new Stretch(text(), all));
  }

  private List<Stretch> each(List<Layer> layers, Kind kind) {
    List<Stretch> out = new ArrayList<>();
    for (Layer layer : layers) {
      for (Addend addend : layer.addends()) {
        if (addend.kind() == kind) {
          out.add(new Stretch(layer.stretch().name() + "." + text(), List.of(addend)));
        }
      }
    }
    return out;
  }
}
