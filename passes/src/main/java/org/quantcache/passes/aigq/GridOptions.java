package org.quantcache.passes.aigq;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.RoundedWeight;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/**
 * What a pipeline leaves open of the grids, and what it settles; where something is {@code auto}, each layer takes what
 * cost least in the calibration.
 *
 * @param weights bits of a weight; with {@code auto}, widths are shared out under {@link #budget}
 * @param widths that are shared out, {@link #FLOAT} for weights that stay floats
 * @param budget mean stored bits of a weight of the rounded layers, scales and sums included
 * @param shares how much the three kinds of error count
 * @param activations most bits of an activation
 */
record GridOptions(
    String weights,
    List<Integer> widths,
    double budget,
    Sensitivity.Shares shares,
    int activations,
    String granularity,
    String balance,
    String rotate,
    String group,
    String clip) {
  /** The width of a layer that is not rounded. */
  static final int FLOAT = 32;

  private static final String AUTO = "auto";
  private static final String NONE = "none";

  static List<OptionSpec> specs() {
    return ImmutableList.of(
        OptionSpec.word(
            "weights",
            "8",
            List.of("4", "6", "8", AUTO),
            "bits of a weight; auto gives each layer a width of its own under the budget"),
        OptionSpec.real(
            "budget",
            5,
            4,
            FLOAT,
            "mean bits of a weight that weights=auto may take, scales and sums included"),
        OptionSpec.text(
            "widths",
            "4/8/float",
            "([468]|float)(/([468]|float))*",
            "some of 4, 6, 8 and float, with / between them",
            "what weights=auto chooses from"),
        OptionSpec.real("numeric", 1, 0, 1000, "how much the error of the product itself counts"),
        OptionSpec.real("perceptual", 1, 0, 1000, "how much the error of the decoded video counts"),
        OptionSpec.real(
            "temporal", 1, 0, 1000, "how much the error of the motion between frames counts"),
        OptionSpec.word(
            "granularity",
            "token",
            List.of("token", "tensor"),
            "what shares a range of activations; the paper's is the tensor"),
        OptionSpec.word(
            "balance",
            NONE,
            List.of(NONE, "0.25", "0.5", "0.75", AUTO),
            "how far large channels of activations are moved into the weights"),
        OptionSpec.word(
            "rotate",
            "true",
            List.of("true", "false", AUTO),
            "turn channels by a Hadamard transform before they are rounded"),
        OptionSpec.word(
            "group",
            NONE,
            List.of(NONE, "32", "64", AUTO),
            "channels of a weight that share a scale, instead of a whole row"),
        OptionSpec.word(
            "clip",
            NONE,
            List.of(NONE, AUTO),
            "cut off the largest weights of a row where that makes its grid better"));
  }

  static GridOptions of(Options options, int activations) {
    return new GridOptions(
        options.word("weights"),
        Arrays.stream(options.word("widths").split("/"))
            .map(width -> width.equals("float") ? FLOAT : Integer.parseInt(width))
            .distinct()
            .toList(),
        options.real("budget"),
        new Sensitivity.Shares(
            options.real("numeric"), options.real("perceptual"), options.real("temporal")),
        activations,
        options.word("granularity"),
        options.word("balance"),
        options.word("rotate"),
        options.word("group"),
        options.word("clip"));
  }

  /** Whether widths are shared out. */
  boolean sharesOut() {
    return weights.equals(AUTO);
  }

  /** Whether the choice needs what a calibration measured. */
  boolean needsCalibration() {
    return sharesOut() || !balance.equals(NONE) || List.of(rotate, group, clip).contains(AUTO);
  }

  /** The grid of every layer when nothing is left open. */
  Grid fixed() {
    return fixed(Integer.parseInt(weights));
  }

  /** The same with another width. */
  Grid fixed(int width) {
    return new Grid(
        width,
        activations,
        granularity,
        0,
        rotate.equals("true"),
        group.equals(NONE) ? 0 : Integer.parseInt(group),
        1);
  }

  /** A grid as it was measured. */
  Grid measured(Basis basis, RoundedWeight weight) {
    return new Grid(
        weight.bits(),
        activations,
        granularity,
        basis.balance(),
        basis.rotated(),
        weight.group(),
        clip.equals(AUTO) ? weight.clip() : 1);
  }

  /**
   * The bases that are allowed.
   *
   * @param rotatable whether the channels of the layer can be rotated at all
   */
  Predicate<Basis> bases(boolean rotatable) {
    double fixed = balance.equals(NONE) || balance.equals(AUTO) ? 0 : Double.parseDouble(balance);
    return basis -> (balance.equals(AUTO) || basis.balance() == fixed)
        && (rotate.equals(AUTO) || basis.rotated() == (rotatable && rotate.equals("true")));
  }

  /** The widths of weights that are allowed where none is given. */
  Predicate<RoundedWeight> widthIsAllowed() {
    return sharesOut()
        ? weight -> widths.contains(weight.bits())
        : weight -> weight.bits() == Integer.parseInt(weights);
  }

  /** The groups of channels that are allowed. */
  Predicate<RoundedWeight> groupIsAllowed() {
    int fixed = group.equals(NONE) || group.equals(AUTO) ? 0 : Integer.parseInt(group);
    return weight -> group.equals(AUTO) || weight.group() == fixed;
  }
}
