package org.quantcache.passes.pipelines;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.aigq.AigqPass;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.fold.FoldPass;
import org.quantcache.passes.fuse.FusePass;
import org.quantcache.passes.hlc.HlcPass;
import org.quantcache.passes.hoist.HoistPass;
import org.quantcache.passes.lower.LowerPass;
import org.quantcache.passes.memory.MemoryPlanPass;
import org.quantcache.passes.observe.ObservePass;
import org.quantcache.passes.specialize.SpecializePass;
import org.quantcache.passes.srap.SrapPass;

/** Every pass, by name, and the presets. A new pass is added to this list. */
public final class AllPasses {
  /** Lossless graph passes. */
  private static final String LOSSLESS = "fold,specialize,hoist,fuse,fold";

  /** The metric and the rules of AdaCache (Kahatapitiya et al. 2024) with a codebook of its own. */
  private static final String ADACACHE = LOSSLESS
      + ",hlc{codebook=%s,probe=half,norm=l1_rel,gap=planned,motion=off,reuse=hold,warmup=2,tail=2}";

  /** A plan of so many computed steps, between which the line through the last two is continued. */
  private static final String PLANNED = "hlc{plan=%d,reuse=linear,reach=1000}";

  private static final Map<String, String> PRESETS = ImmutableMap.<String, String>builder()
      .put("none", LOSSLESS)
      .put("quality", LOSSLESS + "," + PLANNED.formatted(24))
      .put("balanced", LOSSLESS + ",aigq," + PLANNED.formatted(14))
      .put("fast", LOSSLESS + ",aigq," + PLANNED.formatted(8))
      .put("adacache", ADACACHE.formatted("0.03:12/0.05:10/0.07:8/0.09:6/0.11:4/3"))
      .put("adacache-fast", ADACACHE.formatted("0.08:6/0.16:5/0.24:4/0.32:3/0.40:2/1"))
      .put("static-interval", LOSSLESS + ",hlc{codebook=7,warmup=1,tail=1}")
      .buildOrThrow();

  private static final Pattern PRESET = Pattern.compile("@([A-Za-z0-9-]+)");

  private AllPasses() {}

  /** Passes by name, in the usual order, without a calibration. */
  public static Map<String, PassFactory> byName() {
    return byName(Optional.empty());
  }

  private static Map<String, PassFactory> byName(Optional<Calibration> calibration) {
    ImmutableMap.Builder<String, PassFactory> out = ImmutableMap.builder();
    for (PassFactory factory : List.of(
        FoldPass.factory(),
        SpecializePass.factory(),
        HoistPass.factory(),
        FusePass.factory(),
        ObservePass.factory(),
        AigqPass.factory(),
        HlcPass.factory(calibration),
        SrapPass.factory(),
        LowerPass.factory(),
        MemoryPlanPass.factory())) {
      out.put(factory.info().name(), factory);
    }
    return out.buildOrThrow();
  }

  /** Parses pipeline text; {@code @name} stands for a preset. */
  public static Pipeline parse(String text) {
    return parse(text, Optional.empty());
  }

  /** Parses pipeline text for passes that may choose by a calibration. */
  public static Pipeline parse(String text, Optional<Calibration> calibration) {
    return Pipeline.parse(expand(text), byName(calibration));
  }

  /** Names of all presets. */
  public static List<String> presets() {
    return List.copyOf(PRESETS.keySet());
  }

  /** The pipeline of a preset. @throws UserError PA0106 when there is none of this name */
  public static String preset(String name) {
    String text = PRESETS.get(name);
    if (text == null) {
      throw UserError.of("PA0106", "no preset '%s'", name)
          .withHint(
              "%s",
              NearestName.of(name, PRESETS.keySet())
                      .map(n -> "did you mean '" + n + "'? ")
                      .orElse("")
                  + "known: " + PRESETS.keySet());
    }
    return text;
  }

  /** What a target needs behind the graph passes. */
  public static String targetPasses(int panelWidth) {
    return "lower{panel-width=" + panelWidth + "},memory-plan";
  }

  private static String expand(String text) {
    return PRESET.matcher(text).replaceAll(found -> preset(found.group(1)));
  }
}
