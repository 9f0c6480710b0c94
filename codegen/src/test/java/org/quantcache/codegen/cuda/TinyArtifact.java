package org.quantcache.codegen.cuda;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.executor.TinyModel;

/** {@link TinyModel} as an artifact for cards; for tests. */
final class TinyArtifact {
  private TinyArtifact() {}

  /** Writes the artifact for one architecture, and returns it. */
  static Path write(Path path, String architecture) {
    ArtifactWriter.writeCuda(
        path,
        TinyModel.plannedForCuda(),
        TinyModel.weights(),
        CudaTarget.of(List.of(architecture)),
        new ArtifactWriter.Details("@none", Map.of(), Map.of()),
        BuildProgress.NONE);
    return path;
  }
}
