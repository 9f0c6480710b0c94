package org.quantcache.codegen.cuda;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.quantcache.codegen.cuda.CudaCompiler.Compiled;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.KernelSources;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** From a planned module to machine code for cards, and executors that launch it. */
public final class CudaBackend {
  /** What every card from compute capability 9.0 on has: no products of 4 bits, and those of warps alone. */
  private static final String OF_LATER_CARDS =
      "#define QC_WARPGROUPS 0\n#define QC_INT4_PRODUCTS 0\n";

  private static final Executors NOTHING = new Executors(Map.of(), Map.of(), Map.of(), Map.of());

  private final CudaTarget target;
  private final Supplier<CachedCompiler> compilers;

  public CudaBackend(CudaTarget target) {
    this(target, CudaCompilers::require);
  }

  /** With a compiler that is asked for when code for cards is wanted. */
  CudaBackend(CudaTarget target, Supplier<CachedCompiler> compilers) {
    this.target = target;
    this.compilers = compilers;
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
   * @param geometry of each kernel, on all cards and on those that differ
   * @param images machine code by entry of the artifact
   * @param usage what kernels take, by architecture
   * @param compiler what made the code for cards, with its version; nothing without cards
   * @param cached how many images the cache of the user held
   * @param executors what launches them
   */
  public record Output(
      String source,
      List<KernelGeometry> geometry,
      Map<String, byte[]> images,
      Map<String, List<ResourceUsage>> usage,
      Optional<String> compiler,
      int cached,
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

  /** Executors that tell of each operation, for the kernels of an artifact that {@link #compile} made. @throws UserError CG02xx */
  public static Executors watched(IrModule module) {
    return Executors.watched(module, new CudaKernels());
  }

  /** Compiles kernels that no program launches. @throws UserError CG0402 to CG0404 */
  public Output compile(Collection<CudaKernel> kernels, Progress progress) {
    return compile(CudaSource.of(kernels, Map.of()), kernels, NOTHING, progress);
  }

  private Output compile(
      String body, Collection<CudaKernel> kernels, Executors executors, Progress progress) {
    String source = KernelSources.words() + body;
    Optional<CachedCompiler> compiler =
        target.cards().isEmpty() ? Optional.empty() : Optional.of(compilers.get());
    List<Callable<Image>> jobs = new ArrayList<>();
    compiler.ifPresent(found -> {
      target.cards().forEach(card -> jobs.add(() -> cubin(found, source, card)));
      jobs.add(() -> new Image(
          ArtifactLayout.PTX, "", new Compiled(found.ptx(OF_LATER_CARDS + source), List.of())));
    });
    if (target.isEmulated()) {
      jobs.add(() -> new Image(
          ArtifactLayout.EMULATED, "", new Compiled(EmulatedDriver.compile(body), List.of())));
    }
    AtomicInteger done = new AtomicInteger();
    List<Image> made = Jobs.run(jobs, () -> progress.advanced(done.incrementAndGet(), jobs.size()));

    Map<String, byte[]> images = new LinkedHashMap<>();
    Map<String, List<ResourceUsage>> usage = new LinkedHashMap<>();
    for (Image image : made) {
      images.put(image.entry(), image.compiled().code());
      if (!image.card().isEmpty()) {
        usage.put(image.card(), image.compiled().usage());
      }
    }
    return new Output(
        source,
        geometry(kernels, compiler.map(CudaCompiler::knowsWarpgroups).orElse(false)),
        images,
        usage,
        compiler.map(CachedCompiler::version),
        compiler.map(CachedCompiler::hits).orElse(0),
        executors);
  }

  private static List<KernelGeometry> geometry(Collection<CudaKernel> kernels, boolean warpgroups) {
    return kernels.stream()
        .flatMap(kernel -> kernel.geometry().stream())
        .filter(geometry -> warpgroups || geometry.card().isEmpty())
        .toList();
  }

  /** Code for an entry of the artifact; for a card, or of a form that belongs to none. */
  private record Image(String entry, String card, Compiled compiled) {}

  private static Image cubin(CudaCompiler compiler, String source, String card) {
    boolean without = card.equals(CudaTarget.WARPGROUPS) && !compiler.knowsWarpgroups();
    Compiled compiled = compiler.cubin(without ? OF_LATER_CARDS + source : source, card);
    requireNoSpills(card, compiled.usage());
    return new Image(ArtifactLayout.cubin(card), card, compiled);
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
