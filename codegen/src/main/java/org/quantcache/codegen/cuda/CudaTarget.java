package org.quantcache.codegen.cuda;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Cards to generate machine code for.
 *
 * @param architectures of {@link #ARCHITECTURES}, and {@link #EMULATED} for a processor that stands in for a card
 */
public record CudaTarget(List<String> architectures) {
  /** What nvcc calls the cards from Ampere to Blackwell; a letter at the end allows instructions of this card alone. */
  public static final List<String> ARCHITECTURES =
      List.of("sm_80", "sm_86", "sm_89", "sm_90a", "sm_100a", "sm_120a");

  /** The card whose tensor cores take products of whole warpgroups. */
  static final String WARPGROUPS = "sm_90a";

  /** Kernels run on the host, slowly and with more checks than a card makes. */
  public static final String EMULATED = "emulated";

  public CudaTarget {
    architectures = ImmutableList.copyOf(architectures);
  }

  /**
   * Architectures by name.
   *
   * @param names nothing means all cards
   * @throws UserError CG0401 for one that this compiler does not know
   */
  public static CudaTarget of(List<String> names) {
    if (names.isEmpty()) {
      return new CudaTarget(ARCHITECTURES);
    }
    for (String name : names) {
      if (!ARCHITECTURES.contains(name) && !name.equals(EMULATED)) {
        throw UserError.of("CG0401", "no CUDA architecture '%s'", name)
            .withHint(
                "%sknown: %s, %s",
                NearestName.of(name, ARCHITECTURES)
                    .map(n -> "did you mean '" + n + "'? ")
                    .orElse(""),
                String.join(", ", ARCHITECTURES),
                EMULATED);
      }
    }
    return new CudaTarget(names.stream().distinct().toList());
  }

  /** Those that nvcc generates code for. */
  List<String> cards() {
    return architectures.stream().filter(name -> !name.equals(EMULATED)).toList();
  }

  boolean isEmulated() {
    return architectures.contains(EMULATED);
  }
}
