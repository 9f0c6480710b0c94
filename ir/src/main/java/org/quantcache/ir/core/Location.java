package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where an operation came from: the module paths of the source model ({@code spatial_blocks.0.attn.qkv}; several after
 * fusion) and, when it was parsed, the place in the text. Locations survive rewriting.
 *
 * @param paths module paths, first one first
 * @param file name of the parsed text, or the empty string
 * @param line line in {@code file}, from 1; 0 without a file
 * @param column column in {@code file}, from 1; 0 without a file
 */
public record Location(List<String> paths, String file, int line, int column) {
  /** No location. The verifier refuses it on operations of an imported module. */
  public static final Location UNKNOWN = new Location(List.of(), "", 0, 0);

  public Location {
    paths = ImmutableList.copyOf(paths);
  }

  /** A module path of the source model. */
  public static Location of(String path) {
    return new Location(List.of(path), "", 0, 0);
  }

  /** A place in a text. */
  public static Location at(String file, int line, int column) {
    return new Location(List.of(), file, line, column);
  }

  /** The union of the paths; the place in the text is that of the last operation, the root of the match. */
  public static Location fused(Operation... operations) {
    Set<String> paths = new LinkedHashSet<>();
    Location last = UNKNOWN;
    for (Operation operation : operations) {
      last = operation.location();
      paths.addAll(last.paths);
    }
    return new Location(List.copyOf(paths), last.file, last.line, last.column);
  }

  public Location withPaths(List<String> other) {
    return new Location(other, file, line, column);
  }

  public boolean isKnown() {
    return !paths.isEmpty() || line > 0;
  }

  /** {@code spatial_blocks.0.attn.qkv}, {@code a + b} or {@code file:3:7}. */
  public String text() {
    if (!paths.isEmpty()) {
      return String.join(" + ", paths);
    }
    return line > 0 ? file + ":" + line + ":" + column : "unknown";
  }
}
