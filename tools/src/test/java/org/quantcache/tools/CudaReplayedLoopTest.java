package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.cuda.emulation.DriverCounter;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.CalibrationFile;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** Sampling loops of the sample model on the emulated cuda device: with recorded segments the same bits, by few calls. */
@Tag("slow")
class CudaReplayedLoopTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final String GRAPHS = "quantcache.graphs";

  /** Calls that a step may make: host values, decisions, and what lies between them. */
  private static final long CALLS = 25;

  @TempDir
  private Path folder;

  @AfterEach
  void restore() {
    System.clearProperty(GRAPHS);
  }

  /** Calls of each step, decisions and the result. */
  private static final class Run implements StepObserver {
    private final List<Map<DriverCounter, Long>> steps = new ArrayList<>();
    private Map<DriverCounter, Long> last = now();
    private DecisionTrace trace;
    private float[] result;

    private static Map<DriverCounter, Long> now() {
      Map<DriverCounter, Long> out = new EnumMap<>(DriverCounter.class);
      for (DriverCounter counter : DriverCounter.values()) {
        out.put(counter, EmulatedDriver.count(counter));
      }
      return out;
    }

    @Override
    public void stepped(int index, int total) {
      Map<DriverCounter, Long> now = now();
      Map<DriverCounter, Long> step = new EnumMap<>(now);
      step.replaceAll((counter, count) -> count - last.get(counter));
      steps.add(step);
      last = now;
    }

    @Override
    public void decided(DecisionTrace made) {
      trace = made;
    }

    long of(int step, DriverCounter counter) {
      return steps.get(step).get(counter);
    }

    long calls(int step) {
      return of(step, DriverCounter.LAUNCHES)
          + of(step, DriverCounter.GRAPH_LAUNCHES)
          + of(step, DriverCounter.COPIES);
    }
  }

  private Run run(ArtifactReader artifact, int steps, String graphs) {
    System.setProperty(GRAPHS, graphs);
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      Map<String, Tensor> inputs = SampleInputs.of(
          program.signature(),
          SampleModel.of(MODEL),
          steps,
          new Case("a blue square moving left slow", 3));
      Run run = new Run();
      run.result = program.run(inputs, steps, run).get("output").floats();
      return run;
    }
  }

  private Path compile(String preset) {
    Path out = folder.resolve(preset + ".qca");
    SampleModel sample = SampleModel.of(MODEL);
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      ModelCompiler.Request request = ModelCompiler.Request.of(
              CompileTarget.parse("cuda:emulated"), "@" + preset)
          .with(Optional.of(CalibrationFile.read(MODEL.resolve("calibration.json"))));
      ModelCompiler.compile(
          SampleModule.lift(checkpoint, sample), checkpoint.weights(), sample, request, out);
    }
    return out;
  }

  /** S of layers 1 and 2 decides about layer 3 of the same step: what is measured of a step is waited for three times. */
  @Test
  void whatIsWaitedForTogetherTravelsTogether() {
    try (ArtifactReader artifact = ArtifactReader.open(compile("paper"))) {
      Run run = run(artifact, 5, "on");
      List<Decision> decisions = run.trace.guards().get("stack");
      int reused = 2;
      int computed = 4;
      assertThat(decisions.get(reused).computed()).isFalse();
      assertThat(decisions.get(computed).computed()).isTrue();
      int measured = 3;
      int bits = 1;
      assertThat(run.of(computed, DriverCounter.COPIES))
          .isEqualTo(run.of(reused, DriverCounter.COPIES) + bits + measured);
      assertThat(run.of(reused, DriverCounter.EVENT_WAITS)).isEqualTo(1);
      assertThat(run.of(computed, DriverCounter.EVENT_WAITS)).isEqualTo(1 + measured);
      assertThat(run.of(computed, DriverCounter.WAITS)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"fast, 4", "adacache, 5"})
  void recordedSegmentsGiveTheSameBitsByFewerCalls(String preset, int steps) {
    try (ArtifactReader artifact = ArtifactReader.open(compile(preset))) {
      Run plain = run(artifact, steps, "off");
      Run recorded = run(artifact, steps, "on");
      assertThat(recorded.result).containsExactly(plain.result);
      assertThat(recorded.trace).isEqualTo(plain.trace);

      List<Decision> decisions = plain.trace.guards().get("stack");
      // What runs the second time is recorded; the last step is computed, and not for the first or
      // second time.
      int end = steps - 1;
      assertThat(decisions.get(end).computed()).isTrue();
      assertThat(plain.of(end, DriverCounter.GRAPH_LAUNCHES)).isZero();
      assertThat(plain.calls(end)).isGreaterThan(8 * CALLS);
      assertThat(recorded.calls(end)).isLessThan(CALLS);
      assertThat(recorded.of(end, DriverCounter.GRAPH_LAUNCHES)).isPositive();

      boolean measures = decisions.stream().anyMatch(d -> d.divergence().isPresent());
      assertThat(measures).isEqualTo(preset.equals("adacache"));
      for (Run run : List.of(plain, recorded)) {
        for (int step = 1; step < steps; step++) {
          assertThat(run.of(step, DriverCounter.WAITS)).as("step %d", step).isZero();
          assertThat(run.of(step, DriverCounter.EVENT_WAITS))
              .as("step %d waits for the step two before, and for what the last one measured", step)
              .isEqualTo(
                  (step < 2 ? 0 : 1) + (measures && decisions.get(step - 1).computed() ? 1 : 0));
        }
      }
    }
  }
}
