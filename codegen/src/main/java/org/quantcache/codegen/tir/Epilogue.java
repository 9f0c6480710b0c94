package org.quantcache.codegen.tir;

import java.util.List;
import java.util.Locale;
import org.quantcache.codegen.tir.GemmSpec.Activation;

/**
 * What follows a product: {@code residual + gate * act(product + bias)}, and a probe of it.
 *
 * @param bias whether a bias is added
 * @param activation applied after the bias
 * @param gate whether the value is multiplied by a gate
 * @param residual whether a residual is added
 * @param probe what is measured of the result
 */
public record Epilogue(
    boolean bias, Activation activation, boolean gate, boolean residual, Probe probe) {
  /** What of a result is compared with what is held, {@code ir.ops.ProbedOps}. */
  public enum Probe {
    NONE,
    VALUE,
    ADDEND
  }

  public Epilogue {
    if (probe == Probe.ADDEND && !residual) {
      throw new IllegalArgumentException("an addend needs a residual that it is added to");
    }
  }

  /** Without a probe. */
  public Epilogue(boolean bias, Activation activation, boolean gate, boolean residual) {
    this(bias, activation, gate, residual, Probe.NONE);
  }

  /** Nothing. */
  public static final Epilogue NONE = new Epilogue(false, Activation.NONE, false, false);

  private static final List<String> ORDER = List.of("bias", "gelu", "silu", "gate", "residual");

  /** The parts by their words in the IR. */
  public static Epilogue of(List<String> parts) {
    Activation activation = parts.contains("gelu")
        ? Activation.GELU
        : parts.contains("silu") ? Activation.SILU : Activation.NONE;
    return new Epilogue(
        parts.contains("bias"), activation, parts.contains("gate"), parts.contains("residual"));
  }

  /** The same with a probe. */
  public Epilogue with(Probe measured) {
    return new Epilogue(bias, activation, gate, residual, measured);
  }

  /** Whether the result is measured. */
  public boolean isProbed() {
    return probe != Probe.NONE;
  }

  /** Whether kernels apply the parts in this order. */
  public static boolean isInOrder(List<String> parts) {
    return !(parts.contains("gelu") && parts.contains("silu"))
        && parts.equals(ORDER.stream().filter(parts::contains).toList());
  }

  /** For names of functions. */
  String nameParts() {
    return (bias ? "_bias" : "")
        + (activation == Activation.NONE ? "" : "_" + activation.name().toLowerCase(Locale.ROOT))
        + (gate ? "_gate" : "")
        + (residual ? "_residual" : "")
        + (isProbed() ? "_probe_" + probe.name().toLowerCase(Locale.ROOT) : "");
  }
}
