package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.calibrate.OneBlockSprites;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** A loop that is given the latent of every step does at each step what a loop of its own does there. */
class GivenLatentsTest {
  private static final int STEPS = 3;

  @TempDir
  private Path folder;

  @Test
  void everyStepReadsTheLatentThatItIsGiven() throws IOException {
    Path model = OneBlockSprites.write(folder.resolve("model"));
    SampleModel sample = SampleModel.of(model);
    try (Checkpoint checkpoint = Checkpoint.open(model);
        Program own = load(SampleModule.lift(checkpoint, sample), checkpoint);
        Program given = load(SampleModule.liftWithGivenLatents(checkpoint, sample), checkpoint)) {
      StepSeries latents = new StepSeries("z_steps");
      float[] expected =
          own.run(inputs(own, sample), STEPS, latents).get("output").floats();
      Map<String, Tensor> inputs = new LinkedHashMap<>(inputs(given, sample));
      Tensor all = latents.stacked();
      inputs.put("z_steps", all);
      assertThat(output(given, inputs)).isEqualTo(expected);

      // What the loop hands on plays no part: the last latent alone makes the result.
      int size = all.count() / STEPS;
      for (int i = 0; i < (STEPS - 1) * size; i++) {
        all.set(i, 0);
      }
      assertThat(output(given, inputs)).isEqualTo(expected);
      all.set(all.count() - 1, 3);
      assertThat(output(given, inputs)).isNotEqualTo(expected);
    }
  }

  private static float[] output(Program program, Map<String, Tensor> inputs) {
    return program.run(inputs, STEPS, StepObserver.NONE).get("output").floats();
  }

  private static Program load(IrModule module, Checkpoint checkpoint) {
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse("@none"), module);
    return new ReferenceProgram(module, "sample", checkpoint.weights());
  }

  private static Map<String, Tensor> inputs(Program program, SampleModel sample) {
    Case one = new Case(sample.text().orElseThrow().prompt(1), 5);
    return SampleInputs.of(program.signature(), sample, STEPS, one);
  }
}
