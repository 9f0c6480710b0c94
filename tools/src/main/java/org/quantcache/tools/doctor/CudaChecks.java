package org.quantcache.tools.doctor;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.codegen.cuda.CudaCompiler;
import org.quantcache.codegen.cuda.CudaCompilers;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** Card, driver, the compilers for cards, the emulation. */
final class CudaChecks {
  private CudaChecks() {}

  static List<Finding> all() {
    List<Finding> out = new ArrayList<>();
    out.add(card());
    out.add(chosen());
    CudaCompilers.candidates().forEach(candidate -> out.add(compiler(candidate)));
    out.add(emulation());
    return out;
  }

  private static Finding card() {
    String subject = "target cuda: run";
    String use = "artifacts for cards";
    try (CudaDevice device = CudaDevice.open()) {
      return Finding.good(
          subject,
          use,
          "%s, compute capability %d.%d, %d MiB, driver for CUDA %d.%d"
              .formatted(
                  device.name(),
                  device.computeCapability() / 10,
                  device.computeCapability() % 10,
                  device.totalBytes() >> 20,
                  device.driverVersion() / 1000,
                  device.driverVersion() % 1000 / 10));
    } catch (UserError e) {
      return Finding.missing(subject, use, e.getMessage(), e.hint());
    }
  }

  private static Finding chosen() {
    String subject = "target cuda: compile";
    String use = "compile for cards, which need not be there";
    try {
      return CudaCompilers.find()
          .map(found -> Finding.good(subject, use, found.toString()))
          .orElseGet(() -> Finding.missing(subject, use, "no compiler", CudaCompilers.hint()));
    } catch (UserError e) {
      return Finding.missing(subject, use, e.getMessage(), e.hint());
    }
  }

  private static Finding compiler(CudaCompilers.Candidate candidate) {
    String subject = "  " + candidate.name();
    return candidate
        .compiler()
        .map(found -> version(subject, candidate, found))
        .orElseGet(() -> Finding.missing(subject, candidate.cards(), "not found", candidate.fix()));
  }

  private static Finding version(
      String subject, CudaCompilers.Candidate candidate, CudaCompiler found) {
    try {
      return Finding.good(subject, candidate.cards(), found.version());
    } catch (UserError e) {
      return Finding.missing(subject, candidate.cards(), e.getMessage(), e.hint());
    }
  }

  private static Finding emulation() {
    String subject = "target cuda:emulated";
    String use = "programs for cards on a processor, slowly";
    return EmulatedDriver.compilerVersion()
        .map(found -> Finding.good(subject, use, found))
        .orElseGet(() -> Finding.missing(
            subject,
            use,
            "no C++ compiler",
            "install g++, or name another compiler in the environment variable CXX"));
  }
}
