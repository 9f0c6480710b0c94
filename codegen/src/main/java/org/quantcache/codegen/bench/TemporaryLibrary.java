package org.quantcache.codegen.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.quantcache.codegen.tir.CpuCompiler;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.ir.diagnostics.UserError;

/** Kernels of a benchmark in a file of their own, which the loader needs. */
final class TemporaryLibrary {
  private TemporaryLibrary() {}

  static Path write(List<KernelSpec> specs, CpuTarget target) {
    try {
      Path file = Files.createTempFile("qcc-bench", ".so");
      Files.write(file, new CpuCompiler(target).compile(specs).sharedObject());
      return file;
    } catch (IOException e) {
      throw UserError.of("CG0103", "cannot write a temporary file: %s", e.getMessage())
          .causedBy(e);
    }
  }

  static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw UserError.of("CG0103", "cannot remove %s: %s", file, e.getMessage()).causedBy(e);
    }
  }
}
