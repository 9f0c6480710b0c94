package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.tools.calibrate.OneBlockSprites;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** Weights of 4 bits on the cuda device, two in a byte and one. */
class UnpackedWeightsTest {
  private static final int STEPS = 2;

  @TempDir
  private Path folder;

  /** What a build computed, and what it stores. */
  private record Run(float[] latents, long weightBytes, String source) {}

  private Run run(Path model, CompileTarget target) {
    Path file = folder.resolve("x.qca");
    SampleModel sample = SampleModel.of(model);
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      ModelCompiler.compile(
          SampleModule.lift(checkpoint, sample),
          checkpoint.weights(),
          sample,
          ModelCompiler.Request.of(target, "@none,aigq{weights=4,activations=6}"),
          file);
    }
    try (ArtifactReader artifact = ArtifactReader.open(file);
        Program program = Programs.load(artifact, "sample", 1, ScalarType.F32)) {
      return new Run(
          program
              .run(
                  SampleInputs.prompted(
                      program.signature(),
                      sample,
                      sample.sampler().withSteps(STEPS),
                      List.of("a blue square moving left slow"),
                      7),
                  STEPS,
                  StepObserver.NONE)
              .get("output")
              .floats(),
          artifact.window(ArtifactLayout.WEIGHTS).bytes(),
          new String(artifact.bytes(ArtifactLayout.PROGRAM), StandardCharsets.UTF_8));
    }
  }

  @Test
  void bothFormsGiveTheSameBits() throws IOException {
    Path model = OneBlockSprites.write(folder.resolve("model"));
    CompileTarget target = CompileTarget.parse("cuda:emulated");

    Run packed = run(model, target);
    Run unpacked = run(model, target.withUnpackedWeights());

    assertThat(unpacked.latents()).isEqualTo(packed.latents());
    assertThat(unpacked.weightBytes()).isGreaterThan(packed.weightBytes());
    assertThat(packed.source())
        .contains("range = 4, cell = 4")
        .doesNotContain("range = 4, cell = 8");
    assertThat(unpacked.source())
        .contains("range = 4, cell = 8")
        .doesNotContain("range = 4, cell = 4");
  }

  @Test
  void otherDevicesRefuse() {
    assertThatThrownBy(CompileTarget.CPU::withUnpackedWeights)
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CL0114"));
  }
}
