package org.quantcache.kernels.cuda;

import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.executor.CompiledProgram;

/** A function of a cuda artifact, loaded and ready on the device. It belongs to the thread that loaded it. */
public final class CudaProgram extends CompiledProgram {
  /** System property; {@code off} starts every kernel by a call of its own, which tells which one fails. */
  private static final String GRAPHS = "quantcache.graphs";

  private final KernelSet kernels;
  private final CudaStream stream;
  private final CudaWeights weights;
  private final Arena arena;
  private final HostAhead ahead;
  private Optional<CudaContext> bound = Optional.empty();

  private CudaProgram(ArtifactReader artifact, Manifest.FunctionInfo function) {
    super(artifact, function, CudaExecutor.class);
    try {
      CudaDevice device = own(CudaDevice.open(), CudaDevice::close);
      CudaFootprint.of(artifact, function.name()).require(device);
      this.kernels = own(KernelSet.load(device, artifact), KernelSet::close);
      ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
      this.weights = own(
          new CudaWeights(
              device, SafeTensorsFile.open(window.file(), window.offset(), window.bytes())),
          CudaWeights::close);
      this.arena = own(new Arena(device, function.arenaBytes()), Arena::close);
      this.stream = own(new CudaStream(), CudaStream::close);
      this.ahead = own(new HostAhead(stream, arena), HostAhead::close);
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
    // What was compiled for cards always holds code that any driver translates.
    boolean forCards = artifact.has(ArtifactLayout.PTX);
    if (!forCards && artifact.has(ArtifactLayout.EMULATED)) {
      EmulatedDriver.load();
    }
    return new CudaProgram(artifact, ArtifactLayout.function(artifact.manifest(), function));
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
