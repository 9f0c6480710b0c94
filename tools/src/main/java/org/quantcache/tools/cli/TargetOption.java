package org.quantcache.tools.cli;

import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.tools.pipeline.CompileTarget;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The device to compile for. */
final class TargetOption {
  @Option(
      names = "--target",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      converter = TargetOption.Converter.class,
      description = {
        "Device to compile for: cpu (default), reference, cuda for all cards, or",
        "cuda:sm_80,sm_90a for some; cuda:emulated runs the kernels for cards",
        "on this processor, slowly."
      })
  private CompileTarget target;

  @Option(
      names = "--unpacked-weights",
      description = {
        "cuda: weights of 4 bits in a byte each: twice their memory, but nothing",
        "is taken apart at every use."
      })
  private boolean unpacked;

  /** The device; the reference device, said loudly, where this machine has no natives for the cpu device. */
  CompileTarget device(Verb verb) {
    return unpacked ? target.withUnpackedWeights() : usable(verb, target);
  }

  /** A device, or the reference device where this machine has no natives for the cpu device. */
  static CompileTarget usable(Verb verb, CompileTarget target) {
    TvmNatives.Availability natives = TvmNatives.availability(NativeMode.COMPILER);
    if (target.equals(CompileTarget.CPU) && !natives.usable()) {
      verb.say(
          "warning: the cpu device cannot run here (%s); using the SLOW reference device",
          natives.detail());
      return CompileTarget.REFERENCE;
    }
    return target;
  }

  /** A target that does not exist is wrong use. */
  static final class Converter implements ITypeConverter<CompileTarget> {
    @Override
    public CompileTarget convert(String text) {
      try {
        return CompileTarget.parse(text);
      } catch (UserError e) {
        throw new TypeConversionException(e.getMessage() + " (" + e.hint() + ")");
      }
    }
  }
}
