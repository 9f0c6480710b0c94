package org.quantcache.kernels.cuda;

import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.executor.OperationWatch;

/** A function of a cuda artifact, loaded and ready on the device. */
public final class CudaProgram extends CompiledProgram {
  /** System property; {@code off} starts every kernel by a call of its own, which tells which one fails. */
  private static final String GRAPHS = "quantcache.graphs";

  private final CudaDevice device;
  private final KernelSet kernels;
  private final CudaStream stream;
  private final CudaWeights weights;
  private final Arena arena;
  private final HostAhead ahead;
  private Optional<CudaContext> bound = Optional.empty();

  private CudaProgram(
      ArtifactReader artifact,
      Manifest.FunctionInfo function,
      Optional<Map<String, byte[]>> classes) {
    super(artifact, function, CudaExecutor.class, classes);
    try {
      this.device = own(CudaDevice.open(), CudaDevice::close);
      CudaFootprint.of(artifact, function.name()).require(device);
      this.kernels = own(KernelSet.load(device, artifact), KernelSet::close);
      ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
      this.weights = own(
          new CudaWeights(
              device, SafeTensorsFile.open(window.file(), window.offset(), window.bytes())),
          CudaWeights::close);
      this.arena = own(new Arena(device, function.arenaBytes()), Arena::close);
      this.stream = own(new CudaStream(), CudaStream::close);
      this.ahead = own(new HostAhead(device, stream, arena), HostAhead::close);
      own(this, CudaProgram::release);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Loads a function.
   *
   * @throws org.quantcache.ir.diagnostics.UserError RT0501 to RT0510, RT0514, and what loading an artifact throws
   */
  public static CudaProgram load(ArtifactReader artifact, String function) {
    return load(artifact, function, Optional.empty());
  }

  /**
   * Loads a function with an executor that was written to be watched.
   *
   * @param classes class files of the executors by simple name
   * @param watch told of every operation; what it looks at is waited for
   * @throws org.quantcache.ir.diagnostics.UserError RT0501 to RT0510, RT0514, and what loading an artifact throws
   */
  public static CudaProgram watched(
      ArtifactReader artifact, String function, Map<String, byte[]> classes, OperationWatch watch) {
    CudaProgram out = load(artifact, function, Optional.of(classes));
    out.watchBy(watch);
    return out;
  }

  private static CudaProgram load(
      ArtifactReader artifact, String function, Optional<Map<String, byte[]>> classes) {
    // What was compiled for cards always holds code that any driver translates.
    boolean forCards = artifact.has(ArtifactLayout.PTX);
    if (!forCards && artifact.has(ArtifactLayout.EMULATED)) {
      EmulatedDriver.load();
    }
    return new CudaProgram(
        artifact, ArtifactLayout.function(artifact.manifest(), function), classes);
  }

  @Override
  protected void enter() {
    device.use();
  }

  @Override
  protected Object context(Map<String, Long> sizes) {
    release();
    boolean graphs = !System.getProperty(GRAPHS, "on").equals("off");
    CudaContext context = new CudaContext(kernels, stream, weights, arena, ahead, graphs, sizes);
    bound = Optional.of(context);
    return context;
  }

  /** Frees what the last binding took. No run is under way, so the device needs none of it. */
  private void release() {
    bound.ifPresent(CudaContext::close);
    bound = Optional.empty();
  }
}
