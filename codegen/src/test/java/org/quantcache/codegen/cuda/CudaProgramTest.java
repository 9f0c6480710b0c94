package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.executor.ProgramContract;
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
    artifact =
        ArtifactReader.open(TinyArtifact.write(folder.resolve("tiny.qca"), CudaTarget.EMULATED));
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
