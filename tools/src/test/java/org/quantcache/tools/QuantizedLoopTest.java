package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;

/** Quantized sampling loops of the original code's cases: near the original, alike on both devices, really in bytes. */
@Tag("numerics")
class QuantizedLoopTest {
  private static final int STEPS = 6;

  /** Products of a block that are rounded: qkv, proj, the query and proj of cross-attention, fc1 and fc2. */
  private static final int PRODUCTS = 6;

  @TempDir
  private Path folder;

  static Stream<Arguments> sample() {
    return Stream.of(
        Arguments.of("sample-rflow", "aigq", 0.05),
        Arguments.of("sample-plain", "aigq{activations=6,granularity=tensor,rotate=false}", 0.2),
        Arguments.of("sample-cond", "aigq{weights=4,activations=6}", 0.5));
  }

  @ParameterizedTest
  @MethodSource("sample")
  void bothDevicesAgree(String name, String aigq, double bound) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint();
        Program exact = new ReferenceProgram(
            module(golden, checkpoint, "@none"), "sample", checkpoint.weights());
        Program reference = new ReferenceProgram(
            module(golden, checkpoint, "@none," + aigq), "sample", checkpoint.weights());
        ArtifactReader artifact = ArtifactReader.open(compile(golden, checkpoint, aigq));
        CpuProgram cpu = CpuProgram.load(artifact, "sample", 2)) {
      LaunchProfile profile = new LaunchProfile();
      cpu.profileInto(profile);
      Tensor expected = output(reference, golden);
      Tensor found = output(cpu, golden);
      // A value on the border of two whole numbers may fall to either side on each device, and what
      // follows then
      // rounds otherwise as well: kernels agree bit by bit, programs as closely as they agree with
      // floats.
      Closeness.assertClose(Map.of("output", found), Map.of("output", expected), bound);
      Closeness.assertClose(
          Map.of("output", expected), Map.of("output", output(exact, golden)), bound);
      assertThat(profile.entries().keySet())
          .anyMatch(kernel -> kernel.matches("quant_(rows|round)_.*"))
          .anyMatch(kernel -> kernel.startsWith("gemm_a"));
    }
  }

  private static Tensor output(Program program, GoldenCase golden) {
    return program.run(golden.sampleInputs(), STEPS, StepObserver.NONE).get("output");
  }

  private static IrModule module(GoldenCase golden, Checkpoint checkpoint, String passes) {
    IrModule module = golden.lift(checkpoint);
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(passes), module);
    return module;
  }

  private Path compile(GoldenCase golden, Checkpoint checkpoint, String aigq) {
    CpuTarget target = CpuTarget.host();
    Path out = folder.resolve("model.qca");
    IrModule module = golden.lift(checkpoint);
    Pipeline pipeline =
        AllPasses.parse("@none," + aigq + "," + AllPasses.targetPasses(target.panelWidth()));
    new PassManager(StandardOps.registry(), List.of()).run(pipeline, module);
    long[] products = new long[2];
    module.walk(op -> {
      products[0] += op.is(QuantOps.LINEAR) ? 1 : 0;
      boolean block = op.location().paths().stream().anyMatch(p -> p.contains("_blocks."));
      boolean floats =
          op.is(FusedOps.LINEAR) && block && !op.location().text().contains("kv_linear");
      products[1] += floats ? 1 : 0;
    });
    assertThat(products[0]).isPositive().satisfies(n -> assertThat(n % PRODUCTS).isZero());
    assertThat(products[1]).as("products of the blocks that stayed floats").isZero();
    ArtifactWriter.writeCpu(
        out,
        module,
        checkpoint.weights(),
        target,
        new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
        BuildProgress.NONE);
    return out;
  }
}
