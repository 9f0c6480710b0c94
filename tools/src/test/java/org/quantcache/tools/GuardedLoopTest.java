package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;

/** Guards in the sampling loops of the original code's cases, on both devices. */
class GuardedLoopTest {
  /** Intervals of two whatever is measured: of six steps, 0, 1, 3 and 5 are computed. */
  private static final String HLC = "hlc{codebook=0.000001:3/2,probe=0/1,reuse=%s,warmup=1,tail=1}";

  private static final int STEPS = 6;

  @TempDir
  private Path folder;

  static Stream<Arguments> sample() {
    return GoldenCase.SAMPLE.stream()
        .flatMap(name -> Stream.of(
            Arguments.of(name, "@none", HLC.formatted("hold")),
            Arguments.of(name, "@none", HLC.formatted("linear")),
            Arguments.of(name, "@none", HLC.formatted("quadratic")),
            Arguments.of(name, "@none,aigq", HLC.formatted("linear"))));
  }

  @ParameterizedTest
  @MethodSource("sample")
  void onTheReferenceDevice(String name, String passes, String hlc) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint();
        Program plain = reference(golden, checkpoint, passes);
        Program guarded = reference(golden, checkpoint, passes + "," + hlc)) {
      check(golden, plain, guarded);
    }
  }

  private static Program reference(GoldenCase golden, Checkpoint checkpoint, String passes) {
    IrModule module = golden.lift(checkpoint);
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(passes), module);
    return new ReferenceProgram(module, "sample", checkpoint.weights());
  }

  @ParameterizedTest
  @MethodSource("sample")
  void onTheCpuDevice(String name, String passes, String hlc) {
    GoldenCase golden = GoldenCase.of(name);
    try (ArtifactReader plainArtifact = ArtifactReader.open(compile(golden, passes, "plain.qca"));
        ArtifactReader guardedArtifact =
            ArtifactReader.open(compile(golden, passes + "," + hlc, "guarded.qca"));
        Program plain = CpuProgram.load(plainArtifact, "sample", 2);
        Program guarded = CpuProgram.load(guardedArtifact, "sample", 2)) {
      check(golden, plain, guarded);
    }
  }

  private Path compile(GoldenCase golden, String passes, String file) {
    CpuTarget target = CpuTarget.host();
    Path out = folder.resolve(file);
    try (Checkpoint checkpoint = golden.checkpoint()) {
      IrModule module = golden.lift(checkpoint);
      Pipeline pipeline =
          AllPasses.parse(passes + "," + AllPasses.targetPasses(target.panelWidth()));
      new PassManager(StandardOps.registry(), List.of()).run(pipeline, module);
      ArtifactWriter.writeCpu(
          out,
          module,
          checkpoint.weights(),
          target,
          new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
          BuildProgress.NONE);
    }
    return out;
  }

  private static void check(GoldenCase golden, Program plain, Program guarded) {
    Run exact = Run.of(plain, golden, DecisionMode.ALWAYS);
    assertThat(exact.traces).isEmpty();

    Run always = Run.of(guarded, golden, DecisionMode.ALWAYS);
    assertThat(always.bits).isEqualTo(exact.bits);
    assertThat(always.trace().computed("stack")).isEqualTo(STEPS);

    Run adaptive = Run.of(guarded, golden, DecisionMode.ADAPTIVE);
    assertThat(adaptive.trace().computed("stack")).isEqualTo(4);
    assertThat(adaptive.bits).isNotEqualTo(exact.bits);
    // What was measured is a relative change: above zero, and far from everything being new.
    assertThat(adaptive.trace().guards().get("stack").get(3).divergence().orElseThrow())
        .isBetween(1e-6, 10.0);

    Run replayed = Run.of(guarded, golden, DecisionMode.replay(adaptive.trace()));
    assertThat(replayed.bits).isEqualTo(adaptive.bits);
    // Slots do not carry over from one run to the next.
    assertThat(Run.of(guarded, golden, DecisionMode.ADAPTIVE).bits).isEqualTo(adaptive.bits);
  }

  private record Run(Map<String, ByteBuffer> bits, List<DecisionTrace> traces) {
    static Run of(Program program, GoldenCase golden, DecisionMode mode) {
      List<DecisionTrace> traces = new ArrayList<>();
      Map<String, Tensor> results = program.run(
          golden.sampleInputs(),
          STEPS,
          new StepObserver() {
            @Override
            public void decided(DecisionTrace trace) {
              traces.add(trace);
            }
          },
          mode);
      Map<String, ByteBuffer> bits = new LinkedHashMap<>();
      results.forEach((name, tensor) -> {
        ByteBuffer copy = ByteBuffer.allocate(tensor.data().capacity());
        copy.put(tensor.data().duplicate().rewind()).rewind();
        bits.put(name, copy);
      });
      return new Run(bits, traces);
    }

    DecisionTrace trace() {
      assertThat(traces).hasSize(1);
      return traces.get(0);
    }
  }
}
