package org.quantcache.tools.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.codegen.tir.CpuCompiler;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.HostCpu;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/** Processor, TVM, LLVM and its linker. */
final class CpuChecks {
  private static final List<String> VECTORS =
      List.of("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "asimd", "sve");

  private CpuChecks() {}

  static List<Finding> all() {
    List<Finding> out = new ArrayList<>();
    out.add(Finding.good(
        "processors",
        "threads of the cpu device",
        Runtime.getRuntime().availableProcessors() + ", " + System.getProperty("os.arch")));
    out.add(vectors());
    out.add(Finding.good("target reference", "any program, slowly", "plain Java"));
    out.add(natives("target cpu: run", "run artifacts", NativeMode.RUNTIME).asRequired());
    Finding compiler =
        natives("target cpu: compile", "compile for the cpu device", NativeMode.COMPILER);
    out.add(compiler);
    if (compiler.ok()) {
      out.add(linked());
    }
    return out;
  }

  private static Finding vectors() {
    String use = "speed of the cpu device";
    String known = VECTORS.stream()
        .filter(HostCpu.detect().flags()::contains)
        .collect(Collectors.joining(", "));
    return known.isEmpty()
        ? Finding.missing(
            "vector units",
            use,
            "none that is known",
            "artifacts need AVX2 or AVX-512; compile with --target reference here")
        : Finding.good("vector units", use, known);
  }

  private static Finding natives(String subject, String use, NativeMode mode) {
    TvmNatives.Availability found = TvmNatives.availability(mode);
    return new Finding(subject, use, false, found.usable(), found.detail(), found.hint());
  }

  /** What loads may still not work: a small kernel goes the whole way. */
  private static Finding linked() {
    String use = "machine code of kernels";
    try {
      TvmNatives.load(NativeMode.COMPILER);
      CpuTarget host = CpuTarget.host();
      GemmSpec small = new GemmSpec(host.panelWidth(), 4, WeightStorage.F32, Epilogue.NONE);
      int bytes = new CpuCompiler(host).compile(List.of(small)).sharedObject().length;
      return Finding.good(
          "LLVM and linker",
          use,
          "a kernel of " + bytes + " bytes for " + host.cpu() + ", " + host.lanes()
              + " floats a vector, register tile " + host.tileRows() + " x " + host.panelWidth());
    } catch (UserError e) {
      return Finding.missing("LLVM and linker", use, e.getMessage(), e.hint());
    }
  }
}
