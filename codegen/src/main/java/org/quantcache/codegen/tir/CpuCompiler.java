package org.quantcache.codegen.tir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.quantcache.codegen.tir.TvmSession.Handle;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/**
 * Compiles kernels to one shared library: TIR through TVM and LLVM, linked by LLVM's own linker. Every kernel is an
 * object of its own, made once in a process; the same kernels give the same bytes in whatever order they come.
 */
public final class CpuCompiler {
  private static final long LINK_SECONDS = 120;
  /** TVM walks nested statements recursively. */
  private static final long STACK_BYTES = 64L << 20;

  /**
   * Storage rewriting would move local accumulators out of their tiles, into memory that TVM allocates. LLVM finds
   * common subexpressions and simpler forms much faster than TVM, and kernels that are written as loops have no
   * schedule whose buffers or index splits must be put in order. Flattening, which flat buffers do not need, writes some
   * indices of consecutive elements as sums of vectors, for which TVM moves element by element.
   */
  private static final List<String> DISABLED_PASSES = List.of(
      "tir.StorageRewrite",
      "tir.CommonSubexprElimTIR",
      "tir.Simplify",
      "tir.CompactBufferAllocation",
      "tir.RenormalizeSplitPattern",
      "tir.FlattenBuffer");

  private final CpuTarget target;
  private final KernelObjects objects;

  public CpuCompiler(CpuTarget target) {
    this(target, KernelObjects.ofProcess());
  }

  CpuCompiler(CpuTarget target, KernelObjects objects) {
    this.target = target;
    this.objects = objects;
  }

  /**
   * What came out.
   *
   * @param sharedObject the kernels, linked
   * @param source the kernels as text, for reading
   */
  public record Compiled(byte[] sharedObject, String source) {}

  /** Told after each kernel how many are done, by one thread at a time. */
  @FunctionalInterface
  public interface Progress {
    void compiled(int done, int total);
  }

  /** Compiles each distinct spec once. @throws UserError CG0102 when LLVM or the linker fails */
  public Compiled compile(Collection<? extends KernelSpec> specs) {
    return compile(specs, (done, total) -> {});
  }

  /** Compiles each distinct spec once. @throws UserError CG0102 when LLVM or the linker fails */
  public Compiled compile(Collection<? extends KernelSpec> specs, Progress progress) {
    Map<String, KernelSpec> distinct = new TreeMap<>();
    specs.forEach(spec -> distinct.putIfAbsent(spec.functionName(), spec));
    TvmNatives.load(NativeMode.COMPILER);
    Path folder = temporaryFolder();
    try {
      List<Path> files = new ArrayList<>();
      List<Callable<Void>> jobs = new ArrayList<>();
      Counter counter = new Counter(distinct.size(), progress);
      for (KernelSpec spec : distinct.values()) {
        Path file = folder.resolve("kernel" + files.size() + ".o");
        files.add(file);
        jobs.add(() -> {
          writeObject(spec, file);
          counter.next();
          return null;
        });
      }
      runAll(jobs);
      Path library = folder.resolve("kernels.so");
      link(files, library);
      return new Compiled(Files.readAllBytes(library), describe(distinct.values()));
    } catch (IOException | IllegalStateException e) {
      throw UserError.of(
              "CG0102", "the kernels cannot be compiled for %s: %s", target.cpu(), e.getMessage())
          .causedBy(e);
    } finally {
      delete(folder);
    }
  }

  /** The assembly text of one kernel. */
  String assembly(KernelSpec spec) {
    TvmNatives.load(NativeMode.COMPILER);
    List<String> text = new ArrayList<>();
    runAll(List.of(() -> {
      try (TvmSession tvm = new TvmSession()) {
        text.add(tvm.text("runtime.ModuleGetSource", build(tvm, spec), "asm"));
      }
      return null;
    }));
    return text.get(0);
  }

  private void writeObject(KernelSpec spec, Path file) throws IOException {
    Optional<byte[]> known = objects.find(spec, target);
    if (known.isPresent()) {
      Files.write(file, known.get());
      return;
    }
    try (TvmSession tvm = new TvmSession()) {
      tvm.call("runtime.ModuleSaveToFile", build(tvm, spec), file.toString(), "o");
    }
    objects.keep(spec, target, Files.readAllBytes(file));
  }

  private static final class Counter {
    private final int total;
    private final Progress progress;
    private int done;

    Counter(int total, Progress progress) {
      this.total = total;
      this.progress = progress;
    }

    synchronized void next() {
      progress.compiled(++done, total);
    }
  }

  private Handle build(TvmSession tvm, KernelSpec spec) {
    return build(tvm, module(tvm, spec), tvm.object("target.Target", target.text()));
  }

  private static Handle build(TvmSession tvm, Handle module, Handle target) {
    Handle none = tvm.object("runtime.Array");
    List<Handle> disabled = new ArrayList<>();
    DISABLED_PASSES.forEach(pass -> disabled.add(tvm.object("runtime.String", pass)));
    Handle context = tvm.object(
        "transform.PassContext",
        3,
        none,
        tvm.object("runtime.Array", disabled.toArray()),
        none,
        tvm.object("runtime.Map"),
        none,
        null,
        0,
        null);
    tvm.call("transform.EnterPassContext", context);
    try {
      Handle lowered = tvm.object("driver.lower_module", module, false);
      return tvm.object(
          "driver.tir_to_runtime", tvm.object("runtime.Map", target, lowered), target);
    } finally {
      tvm.call("transform.ExitPassContext", context);
    }
  }

  private Handle module(TvmSession tvm, KernelSpec spec) {
    String name = spec.functionName();
    KernelBuilder kernel = new KernelBuilder(new Tir(tvm), name);
    spec.emit(kernel, target);
    return tvm.object(
        "ir.IRModule",
        tvm.object("runtime.Map", tvm.object("ir.GlobalVar", name, null), kernel.finish()),
        tvm.object("runtime.Map"),
        null,
        tvm.object("runtime.Map"));
  }

  /** Runs all jobs on as many threads as this machine has; the first failure in order is thrown. */
  private static void runAll(List<Callable<Void>> jobs) {
    int threads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), jobs.size()));
    ExecutorService pool = Executors.newFixedThreadPool(
        threads, job -> new Thread(null, job, "qcc-compile", STACK_BYTES));
    try {
      for (Future<Void> done : pool.invokeAll(jobs)) {
        done.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException inner) {
        throw inner;
      }
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static String describe(Collection<KernelSpec> specs) {
    StringBuilder out = new StringBuilder();
    specs.forEach(
        spec -> out.append(spec.functionName()).append("  ").append(spec).append('\n'));
    return out.toString();
  }

  private static void link(List<Path> objects, Path library) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        TvmNatives.linker().toString(),
        "-flavor",
        "gnu",
        "-shared",
        "--build-id=none",
        "-soname",
        "kernels.so",
        "-o",
        library.toString()));
    objects.forEach(object -> command.add(object.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LINK_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("linker: " + output.lines().findFirst().orElse("no output"));
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while linking", e);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("qcc-kernels");
    } catch (IOException e) {
      throw UserError.of("CG0103", "cannot make a temporary folder: %s", e.getMessage())
          .withHint("check the temporary folder with: qcc doctor")
          .causedBy(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw UserError.of(
              "CG0103", "cannot remove the temporary folder %s: %s", folder, e.getMessage())
          .causedBy(e);
    }
  }
}
