package org.quantcache.codegen.tir;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/**
 * A processor to generate code for.
 *
 * @param cpu LLVM's name of the processor
 * @param triple LLVM's target triple; empty for the host's
 * @param lanes f32 lanes of a vector register: 16, 8 or 4
 * @param tileRows rows of the register tile of a matrix product
 * @param tileVectors vectors of a row of the tile
 */
public record CpuTarget(String cpu, String triple, int lanes, int tileRows, int tileVectors) {
  private static final String LINUX_ARM = "aarch64-linux-gnu";

  private static final Map<String, CpuTarget> NAMED = ImmutableMap.<String, CpuTarget>builder()
      .put("x86-64-v3", avx2("x86-64-v3"))
      .put("haswell", avx2("haswell"))
      .put("znver3", avx2("znver3"))
      .put("x86-64-v4", avx512("x86-64-v4"))
      .put("znver4", avx512("znver4"))
      .put("sapphirerapids", avx512("sapphirerapids"))
      .put("neoverse-n1", new CpuTarget("neoverse-n1", LINUX_ARM, 4, 8, 2))
      .put("cortex-a76", new CpuTarget("cortex-a76", LINUX_ARM, 4, 8, 2))
      .buildOrThrow();

  private static CpuTarget avx512(String cpu) {
    return new CpuTarget(cpu, "", 16, 12, 2);
  }

  private static CpuTarget avx2(String cpu) {
    return new CpuTarget(cpu, "", 8, 6, 2);
  }

  /** Names that {@link #named} takes, in order. */
  static List<String> names() {
    return List.copyOf(NAMED.keySet());
  }

  /** A processor by LLVM's name. @throws UserError CG0101 for one that this compiler does not know */
  public static CpuTarget named(String name) {
    CpuTarget found = NAMED.get(name);
    if (found == null) {
      throw UserError.of("CG0101", "no processor '%s'", name)
          .withHint(
              "%s",
              NearestName.of(name, NAMED.keySet())
                      .map(n -> "did you mean '" + n + "'? ")
                      .orElse("") + "known: host, " + String.join(", ", names()));
    }
    return found;
  }

  /** The processor of this machine, as LLVM sees it; the vector width follows from its features. */
  public static CpuTarget host() {
    try (TvmSession tvm = new TvmSession()) {
      String cpu = tvm.text("target.llvm_get_system_cpu");
      boolean wide = has(tvm, "avx512f")
          && has(tvm, "avx512vl")
          && has(tvm, "avx512bw")
          && has(tvm, "avx512dq");
      if (wide) {
        return avx512(cpu);
      }
      if (has(tvm, "avx2") && has(tvm, "fma")) {
        return avx2(cpu);
      }
      return new CpuTarget(cpu, "", 4, 4, 2);
    }
  }

  /** Processor flags, under the names of the Linux kernel, without which the code for this target does not run. */
  public List<String> features() {
    if (!triple.isEmpty()) {
      return List.of();
    }
    return switch (lanes) {
      case 16 -> List.of("avx512f", "avx512vl", "avx512bw", "avx512dq", "fma", "f16c", "bmi2");
      case 8 -> List.of("avx2", "fma", "f16c", "bmi2");
      default -> List.of();
    };
  }

  /** Columns of one panel of a packed weight. */
  public int panelWidth() {
    return lanes * tileVectors;
  }

  /** The target as TVM spells it. */
  String text() {
    return "llvm -mcpu=" + cpu + (triple.isEmpty() ? "" : " -mtriple=" + triple);
  }

  private static boolean has(TvmSession tvm, String feature) {
    Object answer = tvm.call(
        "target.target_has_feature",
        feature,
        tvm.object("target.Target", "llvm -mcpu=" + tvm.text("target.llvm_get_system_cpu")));
    return answer instanceof Boolean truth ? truth : answer instanceof Long number && number != 0;
  }
}
