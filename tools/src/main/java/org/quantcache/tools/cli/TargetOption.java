package org.quantcache.tools.cli;

import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.tools.pipeline.CompileTarget;
import picocli.CommandLine.Option;

/** The device to compile for. */
final class TargetOption {
  @Option(
      names = "--target",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      description = {
        "Device to compile for: cpu (default), reference, cuda for all cards, or",
        "cuda:sm_80,sm_90a for some; cuda:emulated runs the kernels for cards",
        "on this processor, slowly."
      })
  private String target;

  /** The device; the reference device, said loudly, where this machine has no natives for the cpu device. */
  CompileTarget device(Verb verb) {
    CompileTarget asked = CompileTarget.parse(target);
    TvmNatives.Availability natives = TvmNatives.availability(NativeMode.COMPILER);
    if (asked.equals(CompileTarget.CPU) && !natives.usable()) {
      verb.say(
          "warning: the cpu device cannot run here (%s); using the SLOW reference device",
          natives.detail());
      return CompileTarget.REFERENCE;
    }
    return asked;
  }
}
