package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaProgram;

/** Programs for cards that get their weights later. */
class AddedWeightsTest {
  @TempDir
  private Path folder;

  private static Path writeProgram(Path path, IrModule module) {
    ArtifactWriter.writeCudaProgram(
        path,
        module,
        CudaTarget.of(List.of(CudaTarget.EMULATED)),
        new ArtifactWriter.Details("@none", Map.of(), Map.of()),
        BuildProgress.NONE);
    return path;
  }

  @Test
  void theArtifactIsTheSameAsInOneGo() {
    IrModule module = TinyModel.plannedForCuda();
    Path whole = TinyArtifact.write(folder.resolve("whole.qca"), CudaTarget.EMULATED);
    Path added = folder.resolve("added.qca");

    try (ArtifactReader program =
        ArtifactReader.open(writeProgram(folder.resolve("program.qca"), module))) {
      ArtifactWriter.addWeights(program, module, TinyModel.weights(), BuildProgress.NONE, added);
    }

    assertThat(added).hasSameBinaryContentAs(whole);
  }

  @Test
  void aProgramWithoutWeightsDoesNotLoad() {
    Path program = writeProgram(folder.resolve("program.qca"), TinyModel.plannedForCuda());

    try (ArtifactReader artifact = ArtifactReader.open(program)) {
      assertThatThrownBy(() -> CudaProgram.load(artifact, "sample"))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("RT0205");
            assertThat(e).hasMessageContaining("weights.safetensors");
          });
    }
  }

  @Test
  void weightsOfAnotherModelAreACodedError() {
    IrModule module = TinyModel.plannedForCuda();
    WeightStore known = TinyModel.weights();
    TensorData first = known.find(known.keys().iterator().next()).orElseThrow();
    WeightStore other = new WeightStore() {
      @Override
      public Set<String> keys() {
        return known.keys();
      }

      @Override
      public Optional<TensorData> find(String key) {
        return Optional.of(first);
      }

      @Override
      public void close() {}
    };
    Path target = folder.resolve("added.qca");

    try (ArtifactReader program =
        ArtifactReader.open(writeProgram(folder.resolve("program.qca"), module))) {
      assertThatThrownBy(
              () -> ArtifactWriter.addWeights(program, module, other, BuildProgress.NONE, target))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CG0303"));
    }
    assertThat(target).doesNotExist();
  }
}
