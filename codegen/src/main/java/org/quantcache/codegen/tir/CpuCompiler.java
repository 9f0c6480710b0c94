package org.quantcache.codegen.tir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.quantcache.codegen.tir.TvmSession.Handle;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/** Compiles kernels to one shared library: TIR through TVM and LLVM, linked by LLVM's own linker. */
public final class CpuCompiler {
  private static final long LINK_SECONDS = 120;

  private final CpuTarget target;

  public CpuCompiler(CpuTarget target) {
    this.target = target;
  }

  /**
   * What came out.
   *
   * @param library the shared object
   * @param source the kernels as text, for reading
   */
  public record Compiled(byte[] library, String source) {}

  /** Compiles each distinct spec once. @throws UserError CG0102 when LLVM or the linker fails */
  public Compiled compile(Collection<? extends KernelSpec> specs) {
    Map<String, KernelSpec> distinct = new LinkedHashMap<>();
    specs.forEach(spec -> distinct.putIfAbsent(spec.functionName(), spec));
    Path folder = temporaryFolder();
    try (TvmSession tvm = new TvmSession()) {
      Handle module = module(tvm, distinct);
      Handle tvmTarget = tvm.object("target.Target", target.text());
      Handle built = build(tvm, module, tvmTarget);
      Path object = folder.resolve("kernels.o");
      tvm.call("runtime.ModuleSaveToFile", built, object.toString(), "o");
      Path library = folder.resolve("kernels.so");
      link(object, library);
      return new Compiled(Files.readAllBytes(library), describe(distinct.values()));
    } catch (IOException | IllegalStateException e) {
      throw UserError.of("CG0102", "the kernels cannot be compiled for %s: %s", target.cpu(), e.getMessage())
          .causedBy(e);
    } finally {
      delete(folder);
    }
  }

  /** Storage rewriting would move local accumulators out of their tiles, into memory that TVM allocates. */
  private static Handle build(TvmSession tvm, Handle module, Handle target) {
    Handle none = tvm.object("runtime.Array");
    Handle disabled = tvm.object("runtime.Array", tvm.object("runtime.String", "tir.StorageRewrite"));
    Handle context =
        tvm.object(
            "transform.PassContext", 3, none, disabled, none, tvm.object("runtime.Map"), none, null, 0, null);
    tvm.call("transform.EnterPassContext", context);
    try {
      Handle lowered = tvm.object("driver.lower_module", module, false);
      return tvm.object("driver.tir_to_runtime", tvm.object("runtime.Map", target, lowered), target);
    } finally {
      tvm.call("transform.ExitPassContext", context);
    }
  }

  private Handle module(TvmSession tvm, Map<String, KernelSpec> specs) {
    List<Object> functions = new ArrayList<>();
    specs.forEach((name, spec) -> {
      KernelBuilder kernel = new KernelBuilder(new Tir(tvm), name);
      spec.emit(kernel, target);
      functions.add(tvm.object("ir.GlobalVar", name, null));
      functions.add(kernel.finish());
    });
    return tvm.object(
        "ir.IRModule",
        tvm.object("runtime.Map", functions.toArray()),
        tvm.object("runtime.Map"),
        null,
        tvm.object("runtime.Map"));
  }

  private static String describe(Collection<KernelSpec> specs) {
    StringBuilder out = new StringBuilder();
    specs.forEach(spec -> out.append(spec.functionName()).append("  ").append(spec).append('\n'));
    return out.toString();
  }

  private static void link(Path object, Path library) throws IOException {
    Process process = new ProcessBuilder(
            TvmNatives.linker().toString(),
            "-flavor",
            "gnu",
            "-shared",
            "--build-id=none",
            "-soname",
            "kernels.so",
            "-o",
            library.toString(),
            object.toString())
        .redirectErrorStream(true)
        .start();
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
      throw UserError.of("CG0103", "cannot make a temporary folder: %s", e.getMessage()).causedBy(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw UserError.of("CG0103", "cannot remove the temporary folder %s: %s", folder, e.getMessage())
          .causedBy(e);
    }
  }
}
