package org.quantcache.tools.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.importers.checkpoint.CheckpointLayout;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.passes.calibration.Rounding;

/**
 * The calibration of one model for another one that is deeper and wider, so that presets compile for it as they would with
 * a calibration of its own. What belongs to the loop stays: trajectory, plans, the probe. Block i takes what was measured
 * of the block at the same relative depth, channel j the magnitude of the channel at the same relative place. That gives
 * a program with as large a part of its work rounded and left out, and says nothing about quality.
 */
final class TransferredCalibration {
  private static final Pattern KEY =
      Pattern.compile("((?:spatial|temporal)_blocks)\\.([0-9]+)\\.(.+)");
  private static final Pattern BRANCH = Pattern.compile("([a-z]+)\\.([0-9]+)(.*)");

  private final int knownDepth;
  private final StditConfig config;

  private TransferredCalibration(int knownDepth, StditConfig config) {
    this.knownDepth = knownDepth;
    this.config = config;
  }

  /**
   * A calibration for another model.
   *
   * @param known that of a model
   * @param knownDepth blocks of that model, of each kind
   * @param config of the other one
   */
  static Calibration of(Calibration known, int knownDepth, StditConfig config) {
    TransferredCalibration transfer = new TransferredCalibration(knownDepth, config);
    return new Calibration(
        known.model(),
        known.cases(),
        known.trajectory(),
        known.plans(),
        known.prunings().stream().map(transfer::pruning).toList(),
        List.of(),
        known.rounding().map(transfer::rounding),
        known.divergence(),
        known.noise());
  }

  private int block(int index) {
    return RelativePlace.of(index, config.depth(), knownDepth);
  }

  private Rounding rounding(Rounding known) {
    List<LayerRounding> layers = new ArrayList<>();
    CheckpointLayout.of(config).shapes().forEach((key, shape) -> {
      Matcher name = KEY.matcher(key);
      if (name.matches()) {
        String source = "%s.%d.%s"
            .formatted(name.group(1), block(Integer.parseInt(name.group(2))), name.group(3));
        Optional<LayerRounding> found = known.find(source);
        found.ifPresent(layer -> layers.add(new LayerRounding(
            key,
            layer.perceptual(),
            layer.temporal(),
            RelativePlace.stretched(layer.largest(), Math.toIntExact(shape.get(1))),
            layer.bases())));
      }
    });
    return new Rounding(layers);
  }

  /** All blocks that take after one whose branch is left out leave theirs out. */
  private MeasuredPruning pruning(MeasuredPruning known) {
    Map<String, List<Long>> visits = new TreeMap<>();
    known.visits().forEach((branch, numbers) -> {
      Matcher name = BRANCH.matcher(branch);
      if (!name.matches()) {
        throw new IllegalArgumentException("no branch of a layer: " + branch);
      }
      int block = Integer.parseInt(name.group(2));
      for (int i = 0; i < config.depth(); i++) {
        if (block(i) == block) {
          visits.put("%s.%d%s".formatted(name.group(1), i, name.group(3)), numbers);
        }
      }
    });
    return new MeasuredPruning(known.computed(), visits, known.lossDb());
  }
}
