package org.quantcache.tools.bench;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.pipelines.AllPasses;

/**
 * One way to make the same videos.
 *
 * @param name in tables and plots
 * @param group curve that it belongs to
 * @param passes pipeline text
 * @param part of the sampling steps that it runs, in 0..1
 */
record Variant(String name, String group, String passes, double part) {
  static final String LOSSLESS = "lossless";
  static final String UNFUSED = "unfused";
  static final String FEW_STEPS = "few-steps";

  /** Nothing shared, hoisted or merged beyond what the device needs. */
  private static final String NAIVE = "fold,fuse{rules=needed}";

  private static final String MIXED =
      "weights=auto,widths=4/8,numeric=0,rotate=auto,clip=auto,cross-kv=true,budget=";
  private static final List<Double> PARTS = List.of(0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3);
  private static final List<Integer> PLANNED = List.of(5, 6, 8, 10, 12, 16, 20, 24, 32);
  private static final List<Integer> INTERVALS = List.of(3, 5, 7, 10, 14);
  private static final List<String> PRESETS = List.of("quality", "balanced", "fast", "paper");
  private static final List<String> CACHING = List.of(
      "adacache", "adacache-fast", "teacache", "pab", "t-gate", "delta-dit", "static-interval");
  private static final List<String> QUANTIZATION =
      List.of("smoothquant", "quarot", "q-dit", "vidit-q", "vidit-q-w4a8");

  /** Uniform grids by name, and mixed ones of the same mean bits. */
  private static final Map<String, String> GRIDS = ImmutableMap.<String, String>builder()
      .put("w8a8", "cross-kv=true")
      .put("w6a6", "weights=6,activations=6,cross-kv=true")
      .put("w4a8", "weights=4,cross-kv=true")
      .put("mixed-4.41", MIXED + "4.41")
      .put("mixed-5.44", MIXED + "5.44")
      .put("mixed-6.4", MIXED + "6.4")
      .buildOrThrow();

  /** Pruning by what layers resemble, where every step is computed. */
  private static final String SRAP = "srap{of=stream,reuse=linear,reach=1000}";

  /** Steps that it runs of so many. */
  int steps(int of) {
    return (int) Math.max(1, Math.round(part * of));
  }

  /** All of them, the baselines first. */
  static List<Variant> all() {
    List<Variant> out = new ArrayList<>();
    out.add(new Variant(LOSSLESS, LOSSLESS, "@none", 1));
    out.add(new Variant(UNFUSED, UNFUSED, NAIVE, 1));
    PRESETS.forEach(name -> out.add(preset(name, "presets")));
    CACHING.forEach(name -> out.add(preset(name, "caching")));
    QUANTIZATION.forEach(name -> out.add(preset(name, "quantization")));
    out.addAll(parts());
    PLANNED.forEach(n -> out.add(
        new Variant("hlc-" + n, "hlc", "@none,hlc{plan=" + n + ",reuse=linear,reach=1000}", 1)));
    PLANNED.forEach(n -> out.add(new Variant(
        "hlc+aigq-" + n, "hlc+aigq", "@none,aigq,hlc{plan=" + n + ",reuse=linear,reach=1000}", 1)));
    GRIDS.forEach((name, options) ->
        out.add(new Variant("aigq-" + name, "aigq", "@none,aigq{" + options + "}", 1)));
    PLANNED.forEach(
        n -> out.add(new Variant("hlc-hold-" + n, "hlc-hold", "@none,hlc{plan=" + n + "}", 1)));
    INTERVALS.forEach(n -> out.add(new Variant(
        "static-" + n, "static-interval", "@none,hlc{codebook=" + n + ",warmup=1,tail=1}", 1)));
    PARTS.forEach(part -> out.add(
        new Variant(FEW_STEPS + "-" + Math.round(100 * part) + "%", FEW_STEPS, "@none", part)));
    return out;
  }

  private static Variant preset(String name, String group) {
    return new Variant(name, group, "@" + name, 1);
  }

  /** The optimizations of the preset {@code fast}: one by one, in pairs, all (paper table 3). */
  private static List<Variant> parts() {
    String hlc = AllPasses.pass("hlc", "fast");
    String aigq = AllPasses.pass("aigq", "fast");
    String srap = AllPasses.pass("srap", "fast");
    List<Variant> out = new ArrayList<>();
    ImmutableMap.<String, String>builder()
        .put("hlc", hlc)
        .put("aigq", aigq)
        .put("srap", SRAP)
        .put("hlc+aigq", aigq + "," + hlc)
        .put("hlc+srap", hlc + "," + srap)
        .put("aigq+srap", aigq + "," + SRAP)
        .put("hlc+aigq+srap", aigq + "," + hlc + "," + srap)
        .buildOrThrow()
        .forEach(
            (name, passes) -> out.add(new Variant("parts-" + name, "parts", "@none," + passes, 1)));
    return out;
  }

  /** One that a user adds. */
  static Variant added(String name, String passes) {
    return new Variant(name, "added", passes, 1);
  }

  /**
   * Those of some names or groups, and those that a user adds; baselines are always among them.
   *
   * @throws UserError CL0606 for other names
   */
  static List<Variant> chosen(List<String> names, List<Variant> added) {
    List<Variant> all = all();
    for (String name : names) {
      if (all.stream().noneMatch(v -> v.isCalled(name))) {
        List<String> known = all.stream()
            .flatMap(v -> List.of(v.name(), v.group()).stream())
            .distinct()
            .toList();
        throw UserError.of("CL0606", "there is no variant '%s'", name)
            .withHint(
                "%s",
                NearestName.of(name, known)
                        .map(n -> "did you mean '" + n + "'? ")
                        .orElse("") + "known: " + known);
      }
    }
    boolean everything = names.isEmpty() && added.isEmpty();
    return Stream.concat(
            all.stream()
                .filter(v -> v.isBaseline() || everything || names.stream().anyMatch(v::isCalled)),
            added.stream())
        .toList();
  }

  private boolean isCalled(String text) {
    return name.equals(text) || group.equals(text);
  }

  private boolean isBaseline() {
    return name.equals(LOSSLESS) || name.equals(UNFUSED);
  }
}
