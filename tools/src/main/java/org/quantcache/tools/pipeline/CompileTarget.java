package org.quantcache.tools.pipeline;

import java.util.List;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Device that a program is compiled for, as {@code --target} spells it: {@code cpu}, {@code reference}, {@code cuda} for all
 * cards, or {@code cuda:sm_80,sm_90a} for some.
 *
 * @param device kind of device
 * @param architectures names of cards, for cuda; none means all
 * @param unpacked for cuda: whether weights of 4 bits lie in a byte each
 */
public record CompileTarget(Device device, List<String> architectures, boolean unpacked) {
  /** Kinds of devices. */
  public enum Device {
    CPU,
    REFERENCE,
    CUDA
  }

  public static final CompileTarget CPU = new CompileTarget(Device.CPU, List.of());
  public static final CompileTarget REFERENCE = new CompileTarget(Device.REFERENCE, List.of());

  private static final List<String> NAMES = List.of("cpu", "reference", "cuda");

  public CompileTarget {
    architectures = List.copyOf(architectures);
  }

  /** One with weights of 4 bits as small as they can be. */
  public CompileTarget(Device device, List<String> architectures) {
    this(device, architectures, false);
  }

  /**
   * The same with weights of 4 bits in a byte each.
   *
   * @throws UserError CL0114 for another device than cuda
   */
  public CompileTarget withUnpackedWeights() {
    if (device != Device.CUDA) {
      throw UserError.of("CL0114", "weights lie unpacked on target cuda alone")
          .withHint("add --target cuda, or leave --unpacked-weights out");
    }
    return new CompileTarget(device, architectures, true);
  }

  /** Reads a target. @throws UserError CL0113 for no device, CG0401 for no card */
  public static CompileTarget parse(String text) {
    String[] parts = text.split(":", 2);
    List<String> cards = parts.length == 2 ? List.of(parts[1].split(",", -1)) : List.of();
    String name = parts[0];
    if (name.equals("cuda")) {
      return new CompileTarget(Device.CUDA, CudaTarget.of(cards).architectures());
    }
    if (cards.isEmpty() && name.equals("cpu")) {
      return CPU;
    }
    if (cards.isEmpty() && name.equals("reference")) {
      return REFERENCE;
    }
    throw UserError.of("CL0113", "no target '%s'", text)
        .withHint(
            "%sknown: cpu, reference, cuda, cuda:sm_80,sm_90a",
            NearestName.of(name, NAMES).map(n -> "did you mean '" + n + "'? ").orElse(""));
  }
}
