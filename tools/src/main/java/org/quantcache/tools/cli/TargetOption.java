package org.quantcache.tools.cli;

import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.tools.pipeline.ModelCompiler.Target;
import picocli.CommandLine.Option;

/** The device to compile for. */
final class TargetOption {
  @Option(
      names = "--target",
      defaultValue = "cpu",
      description = "Device to compile for: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private Target target;

  /** The device; the reference device, said loudly, where this machine has no natives for the cpu device. */
  Target device(Verb verb) {
    TvmNatives.Availability natives = TvmNatives.availability(NativeMode.COMPILER);
    if (target == Target.CPU && !natives.usable()) {
      verb.say(
          "warning: the cpu device cannot run here (%s); using the SLOW reference device",
          natives.detail());
      return Target.REFERENCE;
    }
    return target;
  }
}
