package org.quantcache.codegen.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;

/** What compiled programs do on every device: they agree with the interpreter, whatever the sizes and order of runs. */
public abstract class ProgramContract {
  private static final double TOLERANCE = 2e-5;

  /** {@link TinyModel}, compiled for the device. */
  protected abstract ArtifactReader artifact();

  /** A function of an artifact on the device. */
  protected abstract CompiledProgram load(ArtifactReader artifact, String function);

  public static Map<String, Tensor> sampleInputs(long seed, int tokens, int kept) {
    Random random = new Random(seed);
    Tensor mask = Tensor.zeros(ScalarType.I64, List.of(1L, (long) tokens));
    for (int i = 0; i < kept; i++) {
      mask.set(i, 1);
    }
    Tensor frames = Tensor.zeros(ScalarType.I1, List.of(1L, 3L));
    frames.set(1, 1);
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put("z", TinyModel.random(random, 1, 2, 3, 8));
    out.put("text", TinyModel.random(random, 1, tokens, 16));
    out.put("mask", mask);
    out.put("frames", frames);
    out.put("guidance", Tensor.of(List.of(1L), 3f));
    out.put("height", Tensor.of(List.of(1L), 240f));
    out.put("width", Tensor.of(List.of(1L), 426f));
    out.put("num_frames", Tensor.of(List.of(1L), 51f));
    return out;
  }

  private static Map<String, Tensor> restInputs(long seed, long first, long second) {
    Random random = new Random(seed);
    Tensor x = TinyModel.random(random, 4, 3, 5);
    Tensor times = TinyModel.random(random, 4, 3, 1);
    for (int row = 0; row < 12; row += 2) {
      times.set(row, x.get(5 * row + 3));
    }
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put("x", x);
    out.put("y", TinyModel.random(random, 2, 1, 5));
    out.put("times", times);
    out.put("y_packed", TinyModel.random(random, 1, first + second, 16));
    out.put("y_lens", Tensor.of(List.of(2L), first, second));
    out.put("q", TinyModel.random(random, 2, 2, 3, 16));
    return out;
  }

  private static Map<String, Tensor> run(
      Program program, Map<String, Tensor> inputs, int steps, String series) {
    StepSeries observed = new StepSeries(series);
    Map<String, Tensor> out = new LinkedHashMap<>(program.run(inputs, steps, observed));
    if (series.equals("z_steps")) {
      out.put(series, observed.stacked());
    }
    return out;
  }

  private static void requireClose(Map<String, Tensor> found, Map<String, Tensor> expected) {
    requireClose(found, expected, TOLERANCE);
  }

  private static void requireClose(
      Map<String, Tensor> found, Map<String, Tensor> expected, double tolerance) {
    assertThat(List.copyOf(found.keySet())).isEqualTo(List.copyOf(expected.keySet()));
    expected.forEach((name, tensor) -> {
      assertThat(found.get(name).sizes()).isEqualTo(tensor.sizes());
      double largest = 1;
      for (int i = 0; i < tensor.count(); i++) {
        largest = Math.max(largest, Math.abs(tensor.get(i)));
      }
      for (int i = 0; i < tensor.count(); i++) {
        assertThat(Math.abs(found.get(name).get(i) - tensor.get(i)) <= tolerance * largest)
            .as("%s[%d] is %s, expected %s", name, i, found.get(name).get(i), tensor.get(i))
            .isTrue();
      }
    });
  }

  @Test
  void aSamplingLoopAgreesWithTheInterpreterForAllTextsAndSteps() {
    try (CompiledProgram program = load(artifact(), "sample");
        ReferenceProgram reference =
            new ReferenceProgram(TinyModel.module(), "sample", TinyModel.weights())) {
      int[][] cases = {{7, 7, 2}, {1, 1, 1}, {7, 3, 9}, {4, 0, 3}, {7, 7, 2}};
      for (int[] c : cases) {
        Map<String, Tensor> inputs = sampleInputs(c[2], c[0], c[1]);
        requireClose(
            run(program, inputs, c[2], "z_steps"), run(reference, inputs, c[2], "z_steps"));
      }
    }
  }

  @Test
  void theOtherOperationsAgreeWithTheInterpreter() {
    try (CompiledProgram program = load(artifact(), "rest");
        ReferenceProgram reference =
            new ReferenceProgram(TinyModel.module(), "rest", TinyModel.weights())) {
      for (int[] c : new int[][] {{5, 5}, {0, 3}, {2, 1}}) {
        Map<String, Tensor> inputs = restInputs(c[0], c[0], c[1]);
        requireClose(run(program, inputs, 1, ""), run(reference, inputs, 1, ""));
      }
    }
  }

  @Test
  void theEndsOfAStepAgreeWithTheInterpreter() {
    try (CompiledProgram program = load(artifact(), "ends");
        ReferenceProgram reference =
            new ReferenceProgram(TinyModel.module(), "ends", TinyModel.weights())) {
      Random random = new Random(6);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      inputs.put("z", TinyModel.random(random, 2, 2, 2, 5, 7));
      inputs.put("position", TinyModel.random(random, 1, 1, 12, 16));
      inputs.put("shift", TinyModel.random(random, 4, 2, 1, 16));
      inputs.put("scale", TinyModel.random(random, 4, 2, 1, 16));
      inputs.put("guidance", Tensor.of(List.of(1L), 7f));
      inputs.put("dt", Tensor.of(List.of(2L), 0.25f, 0.03f));
      requireClose(run(program, inputs, 1, ""), run(reference, inputs, 1, ""));
    }
  }

  @Test
  void quantizedProgramsAgreeWithTheInterpreter() {
    try (CompiledProgram program = load(artifact(), "quantized");
        ReferenceProgram reference =
            new ReferenceProgram(TinyModel.module(), "quantized", TinyModel.weights())) {
      for (int bits : new int[] {8, 5, 99}) {
        Random random = new Random(bits);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("x", TinyModel.random(random, 2, 3, 5, 16));
        inputs.put("text", TinyModel.random(random, 1, bits % 7, 16));
        inputs.put("inverse", TinyModel.random(random, 16));
        inputs.put("bits", Tensor.scalar(bits));
        Map<String, Tensor> found = run(program, inputs, 1, "");
        Map<String, Tensor> expected = run(reference, inputs, 1, "");
        // Behind a prologue a number may be rounded to the neighbour of its value.
        requireClose(found, expected, 0.05);
        for (String exact : List.of("exact", "tokens")) {
          requireClose(Map.of(exact, found.get(exact)), Map.of(exact, expected.get(exact)));
        }
      }
    }
  }

  @Test
  void resultsStayWhenTheProgramRunsAgain() {
    try (CompiledProgram program = load(artifact(), "sample")) {
      Tensor first = program.run(sampleInputs(1, 5, 5), 2, StepObserver.NONE).get("output");
      float[] before = first.floats();
      program.run(sampleInputs(2, 5, 5), 2, StepObserver.NONE);
      assertThat(first.floats()).containsExactly(before);
    }
  }

  @Test
  void aFailureOfTheHostLeavesTheProgramUsable() {
    try (CompiledProgram program = load(artifact(), "sample")) {
      Map<String, Tensor> inputs = sampleInputs(3, 5, 5);
      float[] expected = program.run(inputs, 2, StepObserver.NONE).get("output").floats();
      Map<String, Tensor> bad = new LinkedHashMap<>(inputs);
      bad.put("num_frames", Tensor.of(List.of(1L), 5f));
      assertThatThrownBy(() -> program.run(bad, 2, StepObserver.NONE))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0104"));
      bad.remove("z");
      assertThatThrownBy(() -> program.run(bad, 2, StepObserver.NONE))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0101"));
      assertThat(program.run(inputs, 2, StepObserver.NONE).get("output").floats())
          .containsExactly(expected);
    }
  }

  @Test
  void aFrameMaskOfAnyBytesButZeroIsTrue() {
    try (CompiledProgram program = load(artifact(), "sample")) {
      Map<String, Tensor> inputs = sampleInputs(4, 5, 5);
      float[] expected = program.run(inputs, 1, StepObserver.NONE).get("output").floats();
      Tensor bytes = Tensor.zeros(ScalarType.U8, List.of(1L, 3L));
      bytes.set(1, 200);
      inputs.put("frames", bytes);
      assertThat(program.run(inputs, 1, StepObserver.NONE).get("output").floats())
          .containsExactly(expected);
    }
  }

  @Test
  void aProfileCountsEveryLaunch() {
    try (CompiledProgram program = load(artifact(), "sample")) {
      LaunchProfile profile = new LaunchProfile();
      program.profileInto(profile);
      program.run(sampleInputs(4, 5, 5), 3, StepObserver.NONE);
      assertThat(profile.entries().get("guided_step").launches()).isEqualTo(3);
      assertThat(profile.entries().values()).allMatch(e -> e.nanos() > 0);
    }
  }

  @Test
  void aFunctionThatIsNotThereIsACodedError() {
    assertThatThrownBy(() -> load(artifact(), "forward"))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0208"));
  }
}
