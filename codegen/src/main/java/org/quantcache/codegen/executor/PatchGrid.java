package org.quantcache.codegen.executor;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A latent and the patches that it is cut into.
 *
 * @param latent channels, frames, rows, columns of a sample
 * @param patch frames, rows, columns of a patch
 */
public record PatchGrid(List<Long> latent, List<Long> patch) {
  public PatchGrid {
    latent = ImmutableList.copyOf(latent);
    patch = ImmutableList.copyOf(patch);
  }

  /** Elements of a patch, all channels together. */
  public int elements() {
    return Math.toIntExact(latent.get(0) * patch.stream().reduce(1L, Math::multiplyExact));
  }

  /** Patches of a sample. */
  public long tokens() {
    long out = 1;
    for (int axis = 0; axis < 3; axis++) {
      long size = patch.get(axis);
      out = Math.multiplyExact(out, (latent.get(axis + 1) + size - 1) / size);
    }
    return out;
  }

  /** All numbers. */
  public List<Long> numbers() {
    return Stream.concat(latent.stream(), patch.stream()).toList();
  }

  /** As a part of names. */
  String text() {
    return numbers().stream().map(n -> Long.toString(n)).collect(Collectors.joining("x"));
  }
}
