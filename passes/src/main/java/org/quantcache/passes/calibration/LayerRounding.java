package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * What rounding one product costs; method section 2.
 *
 * @param key of its weight in the checkpoint
 * @param perceptual error of the decoded video when only this weight is rounded to {@link #PROBE_BITS}: 1 - SSIM where
 *     the model has a decoder, else the relative squared error of the latent
 * @param temporal relative squared error of the differences of neighbouring latent frames of the same video
 * @param largest largest magnitude of each input channel, {@code [K]}
 * @param bases what was measured in each basis, the unbalanced ones first
 */
public record LayerRounding(
    String key, double perceptual, double temporal, List<Double> largest, List<Basis> bases) {
  /** Width at which the video was judged; other widths follow by the ratio of the errors of the product. */
  public static final int PROBE_BITS = 4;

  /** @throws IllegalArgumentException when a number has no meaning */
  public LayerRounding {
    largest = ImmutableList.copyOf(largest);
    bases = ImmutableList.copyOf(bases);
    boolean positive = isError(perceptual)
        && isError(temporal)
        && largest.stream().allMatch(LayerRounding::isError);
    if (!positive || largest.isEmpty() || bases.isEmpty()) {
      throw new IllegalArgumentException("layer '" + key + "' holds a number without meaning");
    }
    probe(bases);
  }

  /** Number of input channels. */
  public int inputs() {
    return largest.size();
  }

  /** The basis of a balance, 0 for none. */
  public Optional<Basis> basis(double balance, boolean rotated) {
    return bases.stream()
        .filter(basis -> basis.balance() == balance && basis.rotated() == rotated)
        .findFirst();
  }

  /** How the weight was rounded when the video was judged. */
  public RoundedWeight probe() {
    return probe(bases);
  }

  /** How a weight is rounded when the video is judged: rotated where it can be, not balanced, a scale a row. */
  public static RoundedWeight probe(List<Basis> bases) {
    Basis basis = bases.stream()
        .filter(b -> b.balance() == 0 && b.rotated())
        .findFirst()
        .orElse(bases.get(0));
    return basis.weights().stream()
        .filter(w -> w.bits() == PROBE_BITS && w.group() == 0)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no weight of " + PROBE_BITS + " bits"));
  }

  static boolean isError(double value) {
    return value >= 0 && value < Double.POSITIVE_INFINITY;
  }
}
