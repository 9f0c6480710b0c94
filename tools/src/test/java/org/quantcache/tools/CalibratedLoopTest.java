package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.calibrate.OneBlockSprites;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** The first blocks of the sample model with grids that its calibration chose: near the floats, alike on both devices. */
@Tag("numerics")
class CalibratedLoopTest {
  private static final int STEPS = 2;

  @TempDir
  private Path folder;

  private Checkpoint checkpoint;
  private SampleModel sample;
  private Optional<Calibration> calibration;

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "weights=4,balance=auto,rotate=auto,group=auto,clip=auto,cross-kv=true 0.05",
        "weights=auto,budget=6,widths=4/8,balance=0.5,rotate=false,cross-kv=true 0.05",
        "weights=8,balance=0.5,cross-kv=true 0.01",
      })
  void bothDevicesAgree(String options, double bound) throws IOException {
    Path model = OneBlockSprites.write(folder.resolve("model"));
    calibration = Optional.of(CalibrationFile.read(Path.of("samples/sprites/calibration.json")));
    sample = SampleModel.of(model);
    String passes = "@none,aigq{" + options + "}";
    try (Checkpoint opened = Checkpoint.open(model)) {
      checkpoint = opened;
      try (Program exact = reference("@none");
          Program reference = reference(passes);
          ArtifactReader artifact = ArtifactReader.open(compile(passes));
          Program cpu = CpuProgram.load(artifact, "sample", 2)) {
        Map<String, Tensor> expected = output(exact);
        Map<String, Tensor> rounded = output(reference);
        Closeness.assertClose(rounded, expected, bound);
        // A value on the border of two whole numbers may fall to either side on each device.
        Closeness.assertClose(output(cpu), rounded, bound);
        assertThat(rounded.get("output").floats())
            .isNotEqualTo(expected.get("output").floats());
      }
    }
  }

  private WeightStore weights() {
    return BalancedWeights.of(checkpoint.weights(), calibration);
  }

  private Program reference(String passes) {
    IrModule module = SampleModule.lift(checkpoint, sample);
    run(AllPasses.parse(passes, calibration), module);
    return new ReferenceProgram(module, "sample", weights());
  }

  private Path compile(String passes) {
    CpuTarget target = CpuTarget.host();
    IrModule module = SampleModule.lift(checkpoint, sample);
    Pipeline pipeline =
        AllPasses.parse(passes + "," + AllPasses.targetPasses(target.panelWidth()), calibration);
    run(pipeline, module);
    Path out = folder.resolve("model.qca");
    ArtifactWriter.writeCpu(
        out,
        module,
        weights(),
        target,
        new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
        BuildProgress.NONE);
    return out;
  }

  private static void run(Pipeline pipeline, IrModule module) {
    new PassManager(StandardOps.registry(), List.of()).run(pipeline, module);
  }

  private Map<String, Tensor> output(Program program) {
    return Map.of(
        "output",
        program
            .run(
                SampleInputs.of(
                    program.signature(),
                    sample,
                    STEPS,
                    new Case(sample.text().orElseThrow().prompt(3), 7)),
                STEPS,
                StepObserver.NONE)
            .get("output"));
  }
}
