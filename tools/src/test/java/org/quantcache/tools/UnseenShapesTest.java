package org.quantcache.tools;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.importers.stdit3.ForwardRequest;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.ForwardInputs;

/** Compiled artifacts agree with the reference device on models that no golden case has, with every instruction set. */
@Tag("slow")
class UnseenShapesTest {
  /** The bound of golden forward passes. */
  private static final double BOUND = 2e-5;

  @TempDir
  private Path folder;

  /** A network, the latent it runs on, and rows of the text mask. */
  record Case(StditConfig config, LatentShape latent, int batch, int maskRows, boolean frameMask) {}

  private static StditConfig config(
      int width, int heads, List<Integer> patch, int caption, int tokens, boolean norm) {
    return new StditConfig(width, 2, heads, patch, 4, 4.0, true, caption, tokens, norm, 512, false);
  }

  private static Stream<Arguments> cases() {
    List<Case> cases = List.of(
        // Width and head size that fill no vector; odd latents whose last patches are padded.
        new Case(
            config(60, 3, List.of(1, 2, 2), 10, 5, true), new LatentShape(3, 5, 7), 2, 0, false),
        new Case(
            config(60, 3, List.of(1, 2, 2), 10, 5, true), new LatentShape(3, 5, 7), 2, 2, true),
        // One token in space, one frame, one text row.
        new Case(
            config(32, 8, List.of(1, 1, 1), 16, 1, true), new LatentShape(1, 1, 1), 1, 0, false),
        // Patches over time, one head, no norm of queries and keys.
        new Case(
            config(48, 1, List.of(2, 2, 2), 7, 9, false), new LatentShape(5, 6, 6), 2, 1, false),
        // More tokens than a block of rows, head size 72 of the published model, wide text.
        new Case(
            config(144, 2, List.of(1, 2, 2), 200, 33, true),
            new LatentShape(2, 26, 30),
            2,
            2,
            false),
        // Wider than one pass over the depth.
        new Case(
            config(416, 4, List.of(1, 2, 2), 64, 20, true), new LatentShape(2, 9, 4), 3, 3, true));
    return cases.stream()
        .flatMap(one -> Stream.of("host", "x86-64-v3").map(cpu -> Arguments.of(cpu, one)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCompiledModelAgreesWithTheReference(String cpu, Case one) {
    GeneratedWeights weights = new GeneratedWeights(one.config());
    CpuTarget target = cpu.equals("host") ? CpuTarget.host() : CpuTarget.named(cpu);
    Path file = folder.resolve("model.qca");
    IrModule compiled = lift(one, weights);
    Pipeline pipeline = AllPasses.parse("@none," + AllPasses.targetPasses(target.panelWidth()));
    new PassManager(StandardOps.registry(), List.of()).run(pipeline, compiled);
    ArtifactWriter.writeCpu(
        file,
        compiled,
        weights,
        target,
        new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
        BuildProgress.NONE);
    try (ArtifactReader artifact = ArtifactReader.open(file);
        CpuProgram program = CpuProgram.load(artifact, "forward", 3)) {
      Map<String, Tensor> inputs = ForwardInputs.seeded(program.signature(), 5);
      hideTheEnd(inputs.get("mask"));
      hideTheStart(inputs.get("x_mask"));
      Map<String, Tensor> expected = new ReferenceProgram(lift(one, weights), "forward", weights)
          .run(inputs, 1, StepObserver.NONE);
      Closeness.assertClose(program.run(inputs, 1, StepObserver.NONE), expected, BOUND);
    }
  }

  private static IrModule lift(Case one, GeneratedWeights weights) {
    return new StditImporter(
            "unseen",
            one.config(),
            key -> weights.find(key).isPresent() ? Optional.of(ScalarType.F32) : Optional.empty())
        .forward(new ForwardRequest(
            one.batch(),
            one.latent(),
            one.maskRows(),
            one.frameMask(),
            List.of(ForwardRequest.ALL_TAPS)))
        .finish();
  }

  /** Leaves the first sample all its tokens, takes some from each further one. */
  private static void hideTheEnd(Tensor mask) {
    if (mask != null) {
      long tokens = mask.size(1);
      for (int row = 1; row < mask.size(0); row++) {
        for (long token = Math.max(1, tokens - 2L * row); token < tokens; token++) {
          mask.set(Math.toIntExact(row * tokens + token), 0);
        }
      }
    }
  }

  private static void hideTheStart(Tensor frames) {
    if (frames != null) {
      for (int row = 0; row < frames.size(0); row++) {
        frames.set(Math.toIntExact(row * frames.size(1)), 0);
      }
    }
  }
}
