package org.quantcache.codegen.tir;

import com.google.common.collect.ImmutableList;
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
 * @param dot instructions for products of bytes
 */
public record CpuTarget(
    String cpu, String triple, int lanes, int tileRows, int tileVectors, Dot dot) {
  /** What multiplies bytes and adds the products up. */
  public enum Dot {
    /** Four products of bytes added to each 32-bit sum: VNNI. */
    QUADS,
    /** Pairs of products added in 16 or 32 bits: AVX2 and AVX-512BW. */
    PAIRS,
    /** Nothing of the kind: bytes are widened to 32 bits. */
    NONE
  }

  private static final String LINUX_ARM = "aarch64-linux-gnu";

  private static final Map<String, CpuTarget> NAMED = ImmutableMap.<String, CpuTarget>builder()
      .put("x86-64-v3", avx2("x86-64-v3", Dot.PAIRS))
      .put("haswell", avx2("haswell", Dot.PAIRS))
      .put("znver3", avx2("znver3", Dot.PAIRS))
      .put("x86-64-v4", avx512("x86-64-v4", Dot.PAIRS))
      .put("znver4", avx512("znver4", Dot.QUADS))
      .put("sapphirerapids", avx512("sapphirerapids", Dot.QUADS))
      .put("neoverse-n1", new CpuTarget("neoverse-n1", LINUX_ARM, 4, 8, 2, Dot.NONE))
      .put("cortex-a76", new CpuTarget("cortex-a76", LINUX_ARM, 4, 8, 2, Dot.NONE))
      .buildOrThrow();

  private static CpuTarget avx512(String cpu, Dot dot) {
    return new CpuTarget(cpu, "", 16, 12, 2, dot);
  }

  private static CpuTarget avx2(String cpu, Dot dot) {
    return new CpuTarget(cpu, "", 8, 6, 2, dot);
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
        return avx512(cpu, has(tvm, "avx512vnni") ? Dot.QUADS : Dot.PAIRS);
      }
      if (has(tvm, "avx2") && has(tvm, "fma")) {
        return avx2(cpu, has(tvm, "avxvnni") ? Dot.QUADS : Dot.PAIRS);
      }
      return new CpuTarget(cpu, "", 4, 4, 2, Dot.NONE);
    }
  }

  /** Processor flags, under the names of the Linux kernel, without which the code for this target does not run. */
  public List<String> features() {
    if (!triple.isEmpty()) {
      return List.of();
    }
    ImmutableList.Builder<String> out = ImmutableList.builder();
    switch (lanes) {
      case 16 -> out.add("avx512f", "avx512vl", "avx512bw", "avx512dq", "fma", "f16c", "bmi2");
      case 8 -> out.add("avx2", "fma", "f16c", "bmi2");
      default -> {}
    }
    if (dot == Dot.QUADS) {
      out.add(lanes == 16 ? "avx512_vnni" : "avx_vnni");
    }
    return out.build();
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
