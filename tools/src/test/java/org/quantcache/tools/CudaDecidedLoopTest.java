package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.passes.pipelines.AllPasses;

/** What loops on the emulated cuda device measure late they decide by as the reference device does, graphs or not. */
@Tag("numerics")
class CudaDecidedLoopTest {
  private static final String CASE = "sample-rflow";
  private static final String GRAPHS = "quantcache.graphs";
  private static final int STEPS = 6;
  private static final int DEPTH = 3;

  @TempDir
  private Path folder;

  static Stream<String> passes() {
    return Stream.of(
        // Steps that reuse combine the last two computed ones with weights of their own.
        "hlc{codebook=0.000001:3/2,warmup=1,tail=1,probe=0/1,reuse=linear}",
        "hlc{accumulate=1.5,rescale=0/1,warmup=1,tail=1,at=layer}",
        "srap{tau-low=0,tau-high=0.5,probability=0.5,protect=0,in-a-row=1,of=addend,reuse=hold}",
        "srap{tau-low=0,tau-high=0.5,probability=0.5,protect=0,in-a-row=1,of=stream,reuse=linear,delta-high=1000}",
        "hlc{codebook=2,warmup=1,tail=0},srap{plan=spatial.1:1/temporal.0:1:2,reuse=linear,reach=0.5}");
  }

  @AfterEach
  void restore() {
    System.clearProperty(GRAPHS);
  }

  @ParameterizedTest
  @MethodSource("passes")
  void decisionsAreThoseOfTheReferenceDevice(String passes) {
    try (LoopCase loop = new LoopCase(CASE, DEPTH);
        ArtifactReader artifact = ArtifactReader.open(compile(loop, "@none," + passes))) {
      IrModule module = loop.lift();
      LoopRuns.run(AllPasses.parse("@none," + passes), module);
      LoopRuns.Run expected;
      try (Program reference = new ReferenceProgram(module, "sample", loop.weights())) {
        expected = LoopRuns.Run.of(reference, loop, STEPS, DecisionMode.ADAPTIVE);
      }
      System.setProperty(GRAPHS, "off");
      LoopRuns.Run plain;
      try (Program program = CudaProgram.load(artifact, "sample")) {
        plain = LoopRuns.Run.of(program, loop, STEPS, DecisionMode.ADAPTIVE);
      }
      requireAlike(plain.trace(), expected.trace());
      System.setProperty(GRAPHS, "on");
      try (Program program = CudaProgram.load(artifact, "sample")) {
        // What the first run recorded, the second one replays from its first step on.
        for (int run = 0; run < 2; run++) {
          LoopRuns.Run found = LoopRuns.Run.of(program, loop, STEPS, DecisionMode.ADAPTIVE);
          assertThat(found.trace()).isEqualTo(plain.trace());
          assertThat(found.bits()).isEqualTo(plain.bits());
        }
      }
    }
  }

  private Path compile(LoopCase loop, String passes) {
    IrModule module = loop.lift();
    LoopRuns.run(AllPasses.parse(passes), module);
    LoopRuns.run(AllPasses.parse("lower{device=cuda},memory-plan"), module);
    Path out = folder.resolve("deciding.qca");
    ArtifactWriter.writeCuda(
        out,
        module,
        loop.weights(),
        CudaTarget.of(List.of(CudaTarget.EMULATED)),
        new ArtifactWriter.Details(passes, Map.of(), Map.of()),
        BuildProgress.NONE);
    return out;
  }

  private static void requireAlike(DecisionTrace found, DecisionTrace expected) {
    assertThat(found.guards().keySet()).isEqualTo(expected.guards().keySet());
    expected.guards().forEach((name, decisions) -> {
      for (Decision decision : decisions) {
        Decision other = found.guards().get(name).get(decision.step());
        assertThat(other.computed()).as(name).isEqualTo(decision.computed());
        requireClose(other.divergence(), decision.divergence());
      }
    });
    assertThat(found.layers().keySet()).isEqualTo(expected.layers().keySet());
    expected.layers().forEach((name, decisions) -> {
      for (LayerDecision decision : decisions) {
        LayerDecision other = found.layers().get(name).get(decision.step());
        assertThat(other.outcome()).as(name).isEqualTo(decision.outcome());
        requireClose(other.similarity(), decision.similarity());
        requireClose(other.variation(), decision.variation());
      }
    });
    assertThat(Stream.concat(
            expected.guards().values().stream().flatMap(List::stream).map(d -> !d.computed()),
            expected.layers().values().stream().flatMap(List::stream).map(LayerDecision::pruned)))
        .as("something is left out")
        .contains(true);
  }

  private static void requireClose(OptionalDouble found, OptionalDouble expected) {
    assertThat(found.isPresent()).isEqualTo(expected.isPresent());
    if (expected.isPresent()) {
      double bound = 1e-3 * Math.max(1, Math.abs(expected.getAsDouble()));
      assertThat(found.getAsDouble()).isCloseTo(expected.getAsDouble(), within(bound));
    }
  }
}
