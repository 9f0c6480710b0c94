package org.quantcache.kernels.cpu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.executor.OperationWatch;

/** A function of a cpu artifact, loaded and ready. */
public final class CpuProgram extends CompiledProgram {
  private final KernelLibrary library;
  private final WorkerPool pool;
  private final CpuWeights weights;
  private final NativeBuffer arena;

  private CpuProgram(
      ArtifactReader artifact,
      Manifest.FunctionInfo function,
      int threads,
      Optional<Map<String, byte[]>> classes) {
    super(artifact, function, CpuExecutor.class, classes);
    try {
      this.library = own(loadKernels(artifact), KernelLibrary::close);
      ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
      this.weights = own(
          new CpuWeights(SafeTensorsFile.open(window.file(), window.offset(), window.bytes())),
          CpuWeights::close);
      this.arena = own(new NativeBuffer(function.arenaBytes()), NativeBuffer::close);
      this.pool =
          own(new WorkerPool(threads, artifact.manifest().workspaceBytes()), WorkerPool::close);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Loads a function.
   *
   * @param threads workers, the caller included
   * @throws UserError RT0421 when this machine lacks what the machine code needs, and what loading throws
   */
  public static CpuProgram load(ArtifactReader artifact, String function, int threads) {
    HostCpu.detect().require(artifact.manifest().cpu(), artifact.manifest().cpuFeatures());
    return new CpuProgram(
        artifact,
        ArtifactLayout.function(artifact.manifest(), function),
        threads,
        Optional.empty());
  }

  /**
   * Loads a function with an executor that was written to be watched.
   *
   * @param threads workers, the caller included
   * @param classes class files of the executors by simple name
   * @param watch told of every operation
   * @throws UserError RT0413 when the artifact lacks a kernel of these executors, and what loading throws
   */
  public static CpuProgram watched(
      ArtifactReader artifact,
      String function,
      int threads,
      Map<String, byte[]> classes,
      OperationWatch watch) {
    HostCpu.detect().require(artifact.manifest().cpu(), artifact.manifest().cpuFeatures());
    CpuProgram out = new CpuProgram(
        artifact,
        ArtifactLayout.function(artifact.manifest(), function),
        threads,
        Optional.of(classes));
    out.watchBy(watch);
    return out;
  }

  /**
   * Computes with other elements in the place of a weight from the next run on; the artifact stays as it is. What one
   * rounded weight does to a program is found out this way without compiling it again.
   *
   * @param name of the weight in the artifact
   * @param elements as many bytes as the weight has, in its layout and element kind
   */
  public void replaceWeight(String name, ByteBuffer elements) {
    unbind();
    weights.replace(name, elements);
  }

  /** Takes a replacement away. */
  public void restoreWeight(String name) {
    unbind();
    weights.restore(name);
  }

  @Override
  protected Object context(Map<String, Long> sizes) {
    return new CpuContext(library, pool, weights, arena, sizes);
  }

  private static KernelLibrary loadKernels(ArtifactReader artifact) {
    try {
      Path file = Files.createTempFile("qcc-kernels", ".so");
      try {
        Files.write(file, artifact.bytes(ArtifactLayout.KERNELS));
        return KernelLibrary.load(file);
      } finally {
        // The loaded library stays mapped; its name is not needed any more.
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw UserError.of(
              "RT0423", "cannot unpack the kernels of %s: %s", artifact.path(), e.getMessage())
          .withHint("check the space and the rights of the temporary folder")
          .causedBy(e);
    }
  }
}
