package org.quantcache.tools.report.graph;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.core.Operation;

/**
 * Groups that an operation belongs to, by the place in the model that says most about it.
 *
 * @param block {@code spatial_blocks.3}, or a part of the model outside of blocks such as {@code t_embedder}; empty when
 *     the place is not known
 * @param part {@code attn} of a block, empty for what belongs to the block itself
 */
record PlaceName(String block, String part) {
  private static final Pattern BLOCK = Pattern.compile("(\\w*blocks\\.[0-9]+)(?:\\.(.*))?");
  private static final PlaceName UNKNOWN = new PlaceName("", "");

  static PlaceName of(Operation operation) {
    return operation.location().paths().stream()
        .max(Comparator.comparingLong(PlaceName::depth).thenComparing(Comparator.reverseOrder()))
        .map(PlaceName::of)
        .orElse(UNKNOWN);
  }

  private static long depth(String path) {
    return path.chars().filter(c -> c == '.').count();
  }

  private static PlaceName of(String path) {
    Matcher block = BLOCK.matcher(path);
    if (block.matches()) {
      String rest = block.group(2) == null ? "" : block.group(2);
      return new PlaceName(block.group(1), first(rest));
    }
    return new PlaceName(first(path), "");
  }

  private static String first(String path) {
    int dot = path.indexOf('.');
    return dot < 0 ? path : path.substring(0, dot);
  }

  boolean isBlock() {
    return isBlock(block);
  }

  static boolean isBlock(String name) {
    return BLOCK.matcher(name).matches();
  }
}
