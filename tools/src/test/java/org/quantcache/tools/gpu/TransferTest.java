package org.quantcache.tools.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.quantcache.importers.checkpoint.CheckpointLayout;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** What is known of the sample model, for deeper ones. */
class TransferTest {
  private static final int SAMPLE_DEPTH = 6;
  private static final Calibration SAMPLE =
      CalibrationFile.read(Path.of("samples/sprites/calibration.json"));

  @Test
  void placesKeepBothEnds() {
    assertThat(RelativePlace.stretched(List.of("a", "b", "c"), 5))
        .containsExactly("a", "b", "b", "c", "c");
    assertThat(RelativePlace.stretched(List.of("a", "b", "c"), 2)).containsExactly("a", "c");
    assertThat(RelativePlace.stretched(List.of("a", "b"), 1)).containsExactly("a");
    assertThat(RelativePlace.of(27, 28, SAMPLE_DEPTH)).isEqualTo(5);
    assertThat(RelativePlace.of(14, 28, SAMPLE_DEPTH)).isEqualTo(3);
  }

  @Test
  void everyProductOfTheStackOfXlIsKnown() {
    Calibration xl = TransferredCalibration.of(SAMPLE, SAMPLE_DEPTH, StditConfig.XL_2);

    List<LayerRounding> layers = xl.rounding().orElseThrow().layers();
    Map<String, List<Long>> shapes = CheckpointLayout.of(StditConfig.XL_2).shapes();
    assertThat(layers.stream().map(LayerRounding::key))
        .containsExactlyInAnyOrderElementsOf(shapes.keySet().stream()
            .filter(key -> key.matches(".*_blocks.*(qkv|proj|linear|fc[12])\\.weight"))
            .toList())
        .hasSize(2 * 28 * 7);
    assertThat(layers)
        .allSatisfy(layer ->
            assertThat((long) layer.inputs()).isEqualTo(shapes.get(layer.key()).get(1)));
    LayerRounding last =
        xl.rounding().orElseThrow().find("spatial_blocks.27.mlp.fc2.weight").orElseThrow();
    LayerRounding source =
        SAMPLE.rounding().orElseThrow().find("spatial_blocks.5.mlp.fc2.weight").orElseThrow();
    assertThat(last.perceptual()).isEqualTo(source.perceptual());
    assertThat(last.largest().get(0)).isEqualTo(source.largest().get(0));
    assertThat(last.largest().get(4607)).isEqualTo(source.largest().get(511));
  }

  @Test
  void asLargeAPartOfTheBlocksIsLeftOut() {
    Map<String, List<Long>> known = SAMPLE.pruning(8).orElseThrow().visits();
    Map<String, List<Long>> visits = TransferredCalibration.of(
            SAMPLE, SAMPLE_DEPTH, StditConfig.XL_2)
        .pruning(8)
        .orElseThrow()
        .visits();

    assertThat(visits.get("spatial.27.feed-forward"))
        .isEqualTo(known.get("spatial.5.feed-forward"));
    double part = known.values().stream().mapToInt(List::size).sum() / (double) SAMPLE_DEPTH;
    double transferred = visits.values().stream().mapToInt(List::size).sum() / 28.0;
    assertThat(transferred).isBetween(0.75 * part, 1.25 * part);
  }

  private static IrModule compiled(String passes) {
    IrModule module = SyntheticModel.TINY.lift();
    Calibration known =
        TransferredCalibration.of(SAMPLE, SAMPLE_DEPTH, SyntheticModel.TINY.config());
    new PassManager(StandardOps.registry(), List.of())
        .run(AllPasses.parse(passes, Optional.of(known)), module);
    return module;
  }

  private static List<LayerDecision> layer(Outcome second) {
    return List.of(
        LayerDecision.unmeasured(0, Outcome.COMPUTED), LayerDecision.unmeasured(1, second));
  }

  @Test
  void layersTakeAfterThoseAtTheirRelativePlace() {
    List<Decision> guard = List.of(Decision.unmeasured(0, true), Decision.unmeasured(1, true));
    Map<String, List<LayerDecision>> layers = new LinkedHashMap<>();
    for (String kind : List.of("spatial", "temporal")) {
      layers.put(kind + ".2", layer(Outcome.PRUNED));
      layers.put(kind + ".3", layer(Outcome.COMPUTED));
      layers.put(kind + ".4", layer(Outcome.COMPUTED));
    }
    DecisionTrace made = new DecisionTrace(2, Map.of("stack", guard), layers);

    // Two layers of each kind have two before them.
    DecisionTrace found = TransferredDecisions.of(made, compiled("@none,srap{protect=0}"));

    assertThat(found.guards()).isEqualTo(made.guards());
    assertThat(found.layers())
        .containsOnlyKeys("spatial.2", "spatial.3", "temporal.2", "temporal.3")
        .containsEntry("temporal.2", layers.get("temporal.2"))
        .containsEntry("temporal.3", layers.get("temporal.4"));
  }

  @Test
  void layersThatNothingIsKnownOfAreACodedError() {
    DecisionTrace none = new DecisionTrace(2, Map.of(), Map.of());
    IrModule program = compiled("@paper");

    assertThatThrownBy(() -> TransferredDecisions.of(none, program))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0110"));
  }
}
