package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** Every preset does to the sample model what its passes promise. */
class PresetsTest {
  private static final Path MODEL = Path.of("samples/sprites");

  static List<String> presets() {
    return AllPasses.presets();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void noPassIsWithoutEffect(String preset) {
    Pipeline pipeline = AllPasses.parse(
        "@" + preset, Optional.of(CalibrationFile.read(MODEL.resolve("calibration.json"))));
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      IrModule module = SampleModule.lift(checkpoint, SampleModel.of(MODEL));
      new PassManager(StandardOps.registry(), List.of(new VerifyEach())).run(pipeline, module);
      Set<String> found = new TreeSet<>();
      module.walk(op -> found.add(op.name()));
      String text = AllPasses.preset(preset);
      assertThat(found.contains(CacheOps.GUARD)).isEqualTo(text.contains("hlc"));
      assertThat(found.contains(QuantOps.LINEAR)).isEqualTo(text.contains("aigq"));
      assertThat(found.contains(PruneOps.BRANCH)).isEqualTo(text.contains("srap"));
    }
  }
}
