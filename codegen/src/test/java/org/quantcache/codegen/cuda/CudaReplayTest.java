package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.executor.ProgramContract;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.cuda.emulation.DriverCounter;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** What a run of the cuda device asks of the driver: few calls, no waits within a step, and everything given back. */
class CudaReplayTest {
  private static final String GRAPHS = "quantcache.graphs";
  private static final int STEPS = 7;

  @TempDir
  private static Path folder;

  private static ArtifactReader artifact;

  @BeforeAll
  static void compile() {
    artifact =
        ArtifactReader.open(TinyArtifact.write(folder.resolve("tiny.qca"), CudaTarget.EMULATED));
    EmulatedDriver.load();
  }

  @AfterAll
  static void close() {
    artifact.close();
  }

  @AfterEach
  void restore() {
    System.clearProperty(GRAPHS);
  }

  private static Map<String, Tensor> inputs(int tokens) {
    return ProgramContract.sampleInputs(tokens, tokens, tokens);
  }

  /** What the steps of a run counted. */
  private static final class Counting implements StepObserver {
    private final Map<DriverCounter, Long> last = new LinkedHashMap<>();
    private final List<Map<DriverCounter, Long>> steps = new ArrayList<>();
    private DecisionTrace trace;

    Counting() {
      for (DriverCounter counter : DriverCounter.values()) {
        last.put(counter, EmulatedDriver.count(counter));
      }
    }

    @Override
    public void stepped(int index, int total) {
      Map<DriverCounter, Long> step = new LinkedHashMap<>();
      last.replaceAll((counter, before) -> {
        long now = EmulatedDriver.count(counter);
        step.put(counter, now - before);
        return now;
      });
      steps.add(step);
    }

    @Override
    public void decided(DecisionTrace made) {
      trace = made;
    }

    long of(int step, DriverCounter counter) {
      return steps.get(step).get(counter);
    }
  }

  private static float[] output(CudaProgram program, int tokens, StepObserver observer) {
    return program.run(inputs(tokens), STEPS, observer).get("output").floats();
  }

  @Test
  void graphsChangeNeitherResultsNorDecisions() {
    List<float[]> results = new ArrayList<>();
    List<DecisionTrace> traces = new ArrayList<>();
    for (String graphs : List.of("off", "on")) {
      System.setProperty(GRAPHS, graphs);
      try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
        for (int tokens : new int[] {7, 7, 2, 7}) {
          Counting counting = new Counting();
          results.add(output(program, tokens, counting));
          traces.add(counting.trace);
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      assertThat(results.get(i + 4)).containsExactly(results.get(i));
      assertThat(traces.get(i + 4)).isEqualTo(traces.get(i));
    }
    // Something was measured, and decided by it.
    assertThat(traces.get(0).guards().get("act")).anyMatch(d -> d.divergence().isPresent());
    assertThat(traces.get(0).guards().get("mlp 0")).anyMatch(d -> !d.computed());
  }

  @Test
  void stepsWaitForMeasurementsAndForOlderStepsOnly() {
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      Counting counting = new Counting();
      output(program, 5, counting);
      for (int step = 1; step < STEPS; step++) {
        assertThat(counting.of(step, DriverCounter.WAITS)).as("step %d", step).isZero();
        // The guards and the branch of a step ask once each at most, the pace once.
        assertThat(counting.of(step, DriverCounter.EVENT_WAITS)).isBetween(1L, 4L);
      }
    }
  }

  @Test
  void replayedStepsStartGraphsAndTakeNothing() {
    System.setProperty(GRAPHS, "off");
    Counting before = new Counting();
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      output(program, 5, StepObserver.NONE);
      before = new Counting();
      output(program, 5, before);
    }
    System.setProperty(GRAPHS, "on");
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      output(program, 5, StepObserver.NONE);
      output(program, 5, StepObserver.NONE);
      Counting replayed = new Counting();
      output(program, 5, replayed);
      for (int step = 1; step < STEPS; step++) {
        long calls = replayed.of(step, DriverCounter.LAUNCHES)
            + replayed.of(step, DriverCounter.GRAPH_LAUNCHES)
            + replayed.of(step, DriverCounter.COPIES);
        long callsBefore =
            before.of(step, DriverCounter.LAUNCHES) + before.of(step, DriverCounter.COPIES);
        assertThat(before.of(step, DriverCounter.GRAPH_LAUNCHES)).isZero();
        assertThat(replayed.of(step, DriverCounter.GRAPH_LAUNCHES)).isPositive();
        assertThat(3 * calls).as("step %d", step).isLessThan(2 * callsBefore);
        assertThat(replayed.of(step, DriverCounter.LIVE)).isZero();
      }
    }
  }

  @Test
  void bindingToOtherSizesFreesWhatTheLastOnesTook() {
    long none = EmulatedDriver.count(DriverCounter.LIVE);
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      List<Long> live = new ArrayList<>();
      float[] first = null;
      for (int tokens : new int[] {7, 2, 7, 2, 7, 2}) {
        float[] found = output(program, tokens, StepObserver.NONE);
        first = first == null ? found : first;
        if (tokens == 7) {
          assertThat(found).containsExactly(first);
        } else {
          live.add(EmulatedDriver.count(DriverCounter.LIVE));
        }
      }
      assertThat(live).containsOnly(live.get(0));
      assertThat(live.get(0)).isGreaterThan(none);
    }
    assertThat(EmulatedDriver.count(DriverCounter.LIVE)).isEqualTo(none);
  }

  @Test
  void aFailureInTheMiddleOfALoopLeavesTheProgramUsable() {
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      float[] expected = output(program, 5, StepObserver.NONE);
      StepObserver failing = new StepObserver() {
        @Override
        public void stepped(int index, int total) {
          if (index == 3) {
            throw UserError.of("RT0101", "enough");
          }
        }
      };
      assertThatThrownBy(() -> output(program, 5, failing)).isInstanceOf(UserError.class);
      assertThat(output(program, 5, StepObserver.NONE)).containsExactly(expected);
    }
  }
}
