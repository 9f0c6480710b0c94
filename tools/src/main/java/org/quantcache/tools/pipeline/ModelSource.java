package org.quantcache.tools.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.tools.sample.SampleModel;

/** An artifact to run: one that a user brings, or one that is compiled from a model folder for the moment. */
public final class ModelSource implements AutoCloseable {
  private final ArtifactReader artifact;
  private final SampleModel sample;
  private final Path temporary;

  private ModelSource(ArtifactReader artifact, SampleModel sample, Path temporary) {
    this.artifact = artifact;
    this.sample = sample;
    this.temporary = temporary;
  }

  /**
   * Opens an artifact, or compiles a model folder.
   *
   * @param lift makes the module from a checkpoint
   */
  public static ModelSource open(
      Path path, Function<Checkpoint, IrModule> lift, ModelCompiler.Request request) {
    if (!Files.isDirectory(path)) {
      ArtifactReader artifact = ArtifactReader.open(path);
      return new ModelSource(artifact, SampleModel.of(artifact.manifest().settings()), null);
    }
    Path file = temporaryFile();
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      SampleModel sample = SampleModel.of(path);
      ModelCompiler.compile(lift.apply(checkpoint), checkpoint.weights(), sample, request, file);
      return new ModelSource(ArtifactReader.open(file), sample, file);
    } catch (RuntimeException e) {
      delete(file);
      throw e;
    }
  }

  /** A request that compiles for a device with the lossless passes. */
  public static ModelCompiler.Request lossless(CompileTarget target, BuildProgress progress) {
    return new ModelCompiler.Request(
        target, "host", "@none", Optional.empty(), List.of(), progress);
  }

  public ArtifactReader artifact() {
    return artifact;
  }

  public SampleModel sample() {
    return sample;
  }

  private static Path temporaryFile() {
    try {
      return Files.createTempFile("qcc", ".qca");
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot make a temporary file: %s", e.getMessage())
          .withHint("check the temporary folder with: qcc doctor")
          .causedBy(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot remove %s: %s", file, e.getMessage()).causedBy(e);
    }
  }

  @Override
  public void close() {
    artifact.close();
    if (temporary != null) {
      delete(temporary);
    }
  }
}
