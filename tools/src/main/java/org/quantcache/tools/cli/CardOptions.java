package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.tools.gpu.Card;
import org.quantcache.tools.gpu.CheckFiles;
import org.quantcache.tools.pipeline.CompileTarget;
import picocli.CommandLine.Option;

/** On which card, and with kernels from where. */
final class CardOptions {
  @Option(
      names = "--from",
      paramLabel = "FOLDER",
      description = "What check-gpu --prepare compiled (default: compile it now, with nvcc).")
  private Path folder;

  @Option(
      names = "--emulated",
      description = "Take this processor for a card: everything runs, slowly and in small sizes.")
  private boolean emulated;

  /** Why there is no card, empty when there is one. */
  Optional<String> missing() {
    if (emulated) {
      EmulatedDriver.load();
    }
    return Card.missing();
  }

  /** Whether this processor is taken for a card. */
  boolean emulated() {
    return emulated;
  }

  /** The options as they were given, each after a blank. */
  String text() {
    return (folder == null ? "" : " --from " + folder) + (emulated ? " --emulated" : "");
  }

  /** Where compiled files are or can be put. @throws org.quantcache.ir.diagnostics.UserError CL0201 */
  CheckFiles files() {
    return folder == null ? CheckFiles.temporary() : CheckFiles.in(folder);
  }

  /** What they are to be compiled for; empty when they are there. */
  Optional<CompileTarget> target() {
    if (folder != null) {
      return Optional.empty();
    }
    return Optional.of(new CompileTarget(CompileTarget.Device.CUDA, List.of(architecture())));
  }

  private String architecture() {
    if (emulated) {
      return CudaTarget.EMULATED;
    }
    try (CudaDevice device = CudaDevice.open()) {
      String name = "sm_" + device.computeCapability();
      // Code for newer cards is translated from that for the oldest one.
      return CudaTarget.ARCHITECTURES.stream()
          .filter(known -> known.equals(name) || known.equals(name + "a"))
          .findFirst()
          .orElse(CudaTarget.ARCHITECTURES.get(0));
    }
  }
}
