package org.quantcache.tools.cli;

import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.tools.pipeline.ModelCompiler.Target;
import picocli.CommandLine.Option;

/** Where a program runs. */
final class DeviceOptions {
  @Option(
      names = "--target",
      defaultValue = "cpu",
      description = "Device to compile for: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private Target target;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "Threads of the cpu device; 0 for all processors (default).")
  private int threads;

  /** The device; the reference device, said loudly, where this machine has no natives for the cpu device. */
  Target target(Verb verb) {
    TvmNatives.Availability natives = TvmNatives.availability(NativeMode.COMPILER);
    if (target == Target.CPU && !natives.usable()) {
      verb.say(
          "warning: the cpu device cannot run here (%s); using the SLOW reference device",
          natives.detail());
      return Target.REFERENCE;
    }
    return target;
  }

  int threads() {
    if (threads < 0 || threads > 1024) {
      throw UserError.of("CL0101", "--threads is %d, expected 0..1024", threads);
    }
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
