package org.quantcache.tools.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.kernels.artifact.ArtifactReader;

/** The check of kernels, on the emulation of a driver. */
class KernelCheckTest {
  @TempDir
  private static Path folder;

  private static Path kernels;

  @BeforeAll
  static void compile() {
    kernels = folder.resolve("kernels.qca");
    CheckFiles.writeKernels(
        kernels, CudaTarget.of(List.of(CudaTarget.EMULATED)), BuildProgress.NONE);
  }

  @Test
  void everyKernelAgreesWithTheReferenceDevice() {
    List<CheckResult> results = new ArrayList<>();
    try (ArtifactReader artifact = ArtifactReader.open(kernels)) {
      KernelCheck.run(artifact, results::add);
    }
    assertThat(results).hasSameSizeAs(KernelPrograms.all());
    assertThat(results).filteredOn(result -> !result.passed()).isEmpty();
  }
}
