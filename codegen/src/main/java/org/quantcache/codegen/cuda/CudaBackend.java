package org.quantcache.codegen.cuda;

import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.KernelSources;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** From a planned module to machine code for cards, and executors that launch it. */
public final class CudaBackend {
  private static final Executors NOTHING = new Executors(Map.of(), Map.of(), Map.of());

  private final CudaTarget target;

  public CudaBackend(CudaTarget target) {
    this.target = target;
  }

  /** Told how many of the architectures are done. */
  @FunctionalInterface
  public interface Progress {
    void advanced(long done, long total);
  }

  /**
   * The parts of an artifact that run.
   *
   * @param source of all kernels
   * @param geometry of each kernel
   * @param images machine code by entry of the artifact
   * @param usage what kernels take, by architecture
   * @param executors what launches them
   */
  public record Output(
      String source,
      List<KernelGeometry> geometry,
      Map<String, byte[]> images,
      Map<String, List<ResourceUsage>> usage,
      Executors executors) {
    public Output {
      images = ImmutableMap.copyOf(images);
      usage = ImmutableMap.copyOf(usage);
    }
  }

  /** Generates and compiles. @throws UserError CG0402 to CG0404, CG02xx */
  public Output compile(IrModule module, Progress progress) {
    CudaKernels kernels = new CudaKernels();
    Executors executors = Executors.of(module, kernels);
    return compile(kernels.source(), kernels.kernels(), executors, progress);
  }

  /** Compiles kernels that no program launches. @throws UserError CG0402 to CG0404 */
  public Output compile(Collection<CudaKernel> kernels, Progress progress) {
    return compile(CudaSource.of(kernels, Map.of()), kernels, NOTHING, progress);
  }

  private Output compile(
      String body, Collection<CudaKernel> kernels, Executors executors, Progress progress) {
    String source = KernelSources.words() + body;
    Map<String, byte[]> images = new LinkedHashMap<>();
    Map<String, List<ResourceUsage>> usage = new LinkedHashMap<>();
    List<String> cards = target.cards();
    long total = cards.size() + (cards.isEmpty() ? 0 : 1) + (target.isEmulated() ? 1 : 0);
    for (String card : cards) {
      Nvcc.Compiled compiled = Nvcc.require().cubin(source, card);
      requireNoSpills(card, compiled.usage());
      images.put(ArtifactLayout.cubin(card), compiled.code());
      usage.put(card, compiled.usage());
      progress.advanced(images.size(), total);
    }
    if (!cards.isEmpty()) {
      images.put(ArtifactLayout.PTX, Nvcc.require().ptx(source));
      progress.advanced(images.size(), total);
    }
    if (target.isEmulated()) {
      images.put(ArtifactLayout.cubin(CudaTarget.EMULATED), EmulatedDriver.compile(body));
      progress.advanced(images.size(), total);
    }
    return new Output(source, geometry(kernels), images, usage, executors);
  }

  private static List<KernelGeometry> geometry(Collection<CudaKernel> kernels) {
    return kernels.stream()
        .map(k -> new KernelGeometry(
            k.name(), k.threads(), k.sharedBytes(), k.itemsPerBlock(), k.blocksPerGroup()))
        .toList();
  }

  /** Registers that do not suffice cost more than any tuning wins. */
  private static void requireNoSpills(String card, List<ResourceUsage> usage) {
    for (ResourceUsage kernel : usage) {
      if (kernel.spillBytes() > 0) {
        throw UserError.of(
            "CG0404",
            "kernel %s needs more registers than %s has: %d bytes go to memory",
            kernel.kernel(),
            card,
            kernel.spillBytes());
      }
    }
  }
}
