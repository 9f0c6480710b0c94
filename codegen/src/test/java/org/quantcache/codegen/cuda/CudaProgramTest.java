package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.executor.ProgramContract;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.runtime.StepObserver;

/** Programs of the cuda device on the emulation of a driver. */
class CudaProgramTest extends ProgramContract {
  @TempDir
  private static Path folder;

  private static ArtifactReader artifact;

  @BeforeAll
  static void compile() {
    Path path = folder.resolve("tiny.qca");
    ArtifactWriter.writeCuda(
        path,
        TinyModel.plannedForCuda(),
        TinyModel.weights(),
        CudaTarget.of(List.of(CudaTarget.EMULATED)),
        new ArtifactWriter.Details("@none", Map.of(), Map.of()),
        BuildProgress.NONE);
    artifact = ArtifactReader.open(path);
  }

  @AfterAll
  static void close() {
    artifact.close();
  }

  @Override
  protected ArtifactReader artifact() {
    return artifact;
  }

  @Override
  protected CompiledProgram load(ArtifactReader from, String function) {
    return CudaProgram.load(from, function);
  }

  @Test
  void anyOrderOfBlocksWarpsAndLanesGivesTheSameBits() {
    try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
      float[] first = null;
      for (long seed : new long[] {1, 2, 77}) {
        EmulatedDriver.setSeed(seed);
        float[] found = program
            .run(sampleInputs(5, 6, 4), 2, StepObserver.NONE)
            .get("output")
            .floats();
        first = first == null ? found : first;
        assertThat(found).containsExactly(first);
      }
    }
  }
}
