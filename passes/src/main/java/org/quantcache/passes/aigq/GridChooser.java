package org.quantcache.passes.aigq;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.calibration.RoundedWeight;
import org.quantcache.passes.calibration.Rounding;
import org.quantcache.passes.stack.BlockLinear;

/** Gives each product of a block stack its grid: the same to all, or what a calibration found best for each. */
final class GridChooser {
  /** One way to round a layer; no grid for one that stays in floats. */
  private record Candidate(Optional<Grid> grid, double error, long bits) {}

  private final GridOptions options;
  private final GivenWidths given;
  private final Optional<Rounding> rounding;

  /** @throws UserError PA0701 when the options leave something to a calibration and there is none */
  GridChooser(GridOptions options, GivenWidths given, Optional<Rounding> rounding) {
    if (options.needsCalibration() && rounding.isEmpty()) {
      throw UserError.of(
              "PA0701",
              "aigq leaves grids to a calibration that says what rounding costs, there is none")
          .withHint(
              "make one with 'qcc calibrate MODEL_DIR', or settle weights, balance, rotate, group and clip");
    }
    this.options = options;
    this.given = given;
    this.rounding = rounding;
  }

  /**
   * The grid of each layer by its key, none for one that stays in floats.
   *
   * @param layers that are to be rounded, each key once
   * @throws UserError PA0702 when the smallest grids exceed the budget, PA0703 when the calibration lacks a layer or an
   *     allowed grid of it
   */
  Map<String, Optional<Grid>> choose(List<BlockLinear> layers) {
    given.requireKnown(layers);
    List<BlockLinear> open =
        layers.stream().filter(layer -> given.of(layer).isEmpty()).toList();
    Map<String, Optional<Grid>> chosen = chooseFreely(open);
    Map<String, Optional<Grid>> out = new LinkedHashMap<>();
    for (BlockLinear layer : layers) {
      OptionalInt width = given.of(layer);
      out.put(
          layer.key(),
          width.isPresent() ? ofWidth(layer, width.getAsInt()) : chosen.get(layer.key()));
    }
    return out;
  }

  /** The grid of a layer whose width is given. */
  private Optional<Grid> ofWidth(BlockLinear layer, int width) {
    if (width == GridOptions.FLOAT) {
      return Optional.empty();
    }
    if (!options.needsCalibration()) {
      return Optional.of(options.fixed(width));
    }
    List<Candidate> candidates =
        required(layer, candidates(layer, measured(layer), weight -> weight.bits() == width));
    return candidates.get(leastError(candidates)).grid();
  }

  private Map<String, Optional<Grid>> chooseFreely(List<BlockLinear> layers) {
    Map<String, Optional<Grid>> out = new LinkedHashMap<>();
    if (layers.isEmpty()) {
      return out;
    }
    if (!options.needsCalibration()) {
      layers.forEach(layer -> out.put(layer.key(), Optional.of(options.fixed())));
      return out;
    }
    List<LayerRounding> measured = layers.stream().map(this::measured).toList();
    List<List<Candidate>> candidates = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      candidates.add(withFloats(
          layers.get(l), candidates(layers.get(l), measured.get(l), options.widthIsAllowed())));
    }
    List<Integer> chosen = share(layers, measured, candidates);
    for (int l = 0; l < layers.size(); l++) {
      out.put(layers.get(l).key(), candidates.get(l).get(chosen.get(l)).grid());
    }
    return out;
  }

  private LayerRounding measured(BlockLinear layer) {
    return rounding
        .orElseThrow()
        .find(layer.key())
        .orElseThrow(() -> UserError.of("PA0703", "the calibration does not know '%s'", layer.key())
            .withHint("calibrate the model again: qcc calibrate MODEL_DIR -o FILE"));
  }

  /** For each size the grid of the least error. */
  private List<Candidate> candidates(
      BlockLinear layer, LayerRounding measured, Predicate<RoundedWeight> width) {
    TensorType weight = layer.operation().operand(1).type();
    boolean rotatable = measured.bases().stream().anyMatch(Basis::rotated);
    Map<Long, Candidate> best = new LinkedHashMap<>();
    for (Basis basis :
        measured.bases().stream().filter(options.bases(rotatable)).toList()) {
      double activations = basis.activationError(options.activations());
      for (RoundedWeight rounded : basis.weights()) {
        if (width.test(rounded) && options.groupIsAllowed().test(rounded)) {
          Grid grid = options.measured(basis, rounded);
          long bits = grid.storedBits(weight.size(0), weight.size(1));
          best.merge(
              bits,
              new Candidate(Optional.of(grid), rounded.error() + activations, bits),
              (a, b) -> a.error() <= b.error() ? a : b);
        }
      }
    }
    return new ArrayList<>(best.values());
  }

  private static List<Candidate> required(BlockLinear layer, List<Candidate> candidates) {
    if (candidates.isEmpty()) {
      throw UserError.of("PA0703", "the calibration knows no such grid of '%s'", layer.key())
          .withHint("let group be auto, or calibrate the model again: qcc calibrate MODEL_DIR");
    }
    return candidates;
  }

  /** What a layer may choose from, staying as it is included where the options say so. */
  private List<Candidate> withFloats(BlockLinear layer, List<Candidate> grids) {
    List<Candidate> out = new ArrayList<>(grids);
    if (options.sharesOut() && options.widths().contains(GridOptions.FLOAT)) {
      long bits = 8 * layer.operation().operand(1).type().bytes(symbol -> 0);
      out.add(new Candidate(Optional.empty(), 0, bits));
    }
    return required(layer, out);
  }

  private List<Integer> share(
      List<BlockLinear> layers, List<LayerRounding> measured, List<List<Candidate>> candidates) {
    if (!options.sharesOut()) {
      return candidates.stream().map(GridChooser::leastError).toList();
    }
    Sensitivity sensitivity = new Sensitivity(options.shares(), measured);
    List<List<BitAllocation.Choice>> choices = new ArrayList<>();
    long elements = 0;
    for (int l = 0; l < layers.size(); l++) {
      LayerRounding layer = measured.get(l);
      choices.add(candidates.get(l).stream()
          .map(c -> new BitAllocation.Choice(c.bits(), sensitivity.of(layer, c.error())))
          .collect(ImmutableList.toImmutableList()));
      elements += layers.get(l).operation().operand(1).type().constantElements().orElseThrow();
    }
    long budget = (long) (options.budget() * elements);
    if (BitAllocation.least(choices) > budget) {
      throw UserError.of(
              "PA0702",
              "a budget of %s bits is too small: the smallest grids take %.3f bits a weight, scales included",
              options.budget(),
              (double) BitAllocation.least(choices) / elements)
          .withHint("raise the budget of aigq, or allow smaller widths");
    }
    return BitAllocation.share(choices, budget);
  }

  private static int leastError(List<Candidate> candidates) {
    return candidates.indexOf(
        candidates.stream().min(Comparator.comparingDouble(Candidate::error)).orElseThrow());
  }
}
