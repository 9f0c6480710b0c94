package org.quantcache.passes.aigq;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.stack.BlockLinear;

/**
 * Widths that a pipeline gives single layers, whatever the others get.
 *
 * @param byPlace width by place in the model, {@link GridOptions#FLOAT} for one that stays in floats; a place stands for
 *     all layers below it
 */
record GivenWidths(Map<String, Integer> byPlace) {
  private static final String NONE = "none";
  private static final String ONE = "[A-Za-z_][A-Za-z0-9_.]*:([468]|float)";

  GivenWidths {
    byPlace = ImmutableMap.copyOf(byPlace);
  }

  static OptionSpec spec() {
    return OptionSpec.text(
        "layers",
        NONE,
        NONE + "|" + ONE + "(/" + ONE + ")*",
        "none, or place:bits/.../place:bits such as spatial_blocks.0.mlp.fc1:8/temporal_blocks.1:float",
        "bits of the weights of single layers, or of all below a place; float leaves them as they are");
  }

  static GivenWidths of(Options options) {
    Map<String, Integer> out = new LinkedHashMap<>();
    String text = options.word("layers");
    for (String entry : text.equals(NONE) ? List.<String>of() : List.of(text.split("/"))) {
      String[] parts = entry.split(":", 2);
      out.put(parts[0], parts[1].equals("float") ? GridOptions.FLOAT : Integer.parseInt(parts[1]));
    }
    return new GivenWidths(out);
  }

  /** Place of a layer in the model. */
  static String place(BlockLinear layer) {
    return layer.key().replaceFirst("\\.weight$", "");
  }

  /** The width of a layer, that of the longest place it lies below; empty where none is given. */
  OptionalInt of(BlockLinear layer) {
    Optional<String> longest = Optional.empty();
    for (String given : byPlace.keySet()) {
      boolean closer = longest.isEmpty() || given.length() > longest.get().length();
      if (isBelow(place(layer), given) && closer) {
        longest = Optional.of(given);
      }
    }
    return longest.isEmpty() ? OptionalInt.empty() : OptionalInt.of(byPlace.get(longest.get()));
  }

  private static boolean isBelow(String layer, String given) {
    return layer.equals(given) || layer.startsWith(given + ".");
  }

  /** @throws UserError PA0707 when a place is that of no layer */
  void requireKnown(List<BlockLinear> layers) {
    List<String> places = layers.stream().map(GivenWidths::place).toList();
    for (String given : byPlace.keySet()) {
      if (places.stream().noneMatch(place -> isBelow(place, given))) {
        List<String> known = new ArrayList<>(places);
        throw UserError.of("PA0707", "aigq rounds no layer at '%s'", given)
            .withHint(
                "%slayers are rounded in the block stack, those of the text with cross-kv=true",
                NearestName.of(given, known)
                    .map(near -> "did you mean '" + near + "'? ")
                    .orElse(""));
      }
    }
  }
}
