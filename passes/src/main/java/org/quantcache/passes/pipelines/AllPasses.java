package org.quantcache.passes.pipelines;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.passes.aigq.AigqPass;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Target;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.fold.FoldPass;
import org.quantcache.passes.fuse.FusePass;
import org.quantcache.passes.hlc.HlcPass;
import org.quantcache.passes.hoist.HoistPass;
import org.quantcache.passes.lower.LowerPass;
import org.quantcache.passes.memory.MemoryPlanPass;
import org.quantcache.passes.narrow.NarrowPass;
import org.quantcache.passes.observe.ObservePass;
import org.quantcache.passes.specialize.SpecializePass;
import org.quantcache.passes.srap.SrapPass;

/** Every pass by name; a new one is added to this list. */
public final class AllPasses {
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
        NarrowPass.factory(),
        AigqPass.factory(calibration),
        HlcPass.factory(calibration),
        SrapPass.factory(calibration),
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

  /** Parses pipeline text for passes that may choose by a calibration; {@code @psnr-40} stands for what it holds for that. */
  public static Pipeline parse(String text, Optional<Calibration> calibration) {
    return Pipeline.parse(Presets.expand(text, calibration), byName(calibration));
  }

  /** Names of all presets. */
  public static List<String> presets() {
    return Presets.names();
  }

  /**
   * The pipeline of a preset; a target of a calibration stands for itself.
   *
   * @throws org.quantcache.ir.diagnostics.UserError PA0106 when there is none of this name, PA0603 for no target
   */
  public static String preset(String name) {
    return Target.named(name).isPresent() ? "@" + name : Presets.text(name);
  }

  /** The text of the first pass of this name in a preset, with its options. */
  public static String pass(String name, String preset) {
    return Presets.text(preset).replaceAll(".*?\\b(" + name + "(\\{[^}]*})?).*", "$1");
  }

  /** What target cuda needs behind the graph passes. */
  public static final String CUDA_PASSES =
      "fuse{rules=ends},narrow,fold,lower{device=cuda},memory-plan";

  /** The same with weights of 4 bits in a byte each. */
  public static final String CUDA_PASSES_UNPACKED =
      CUDA_PASSES.replace("device=cuda", "device=cuda,halves=bytes");

  /** What target cpu needs behind the graph passes. */
  public static String targetPasses(int panelWidth) {
    return "lower{panel-width=" + panelWidth + "},memory-plan";
  }
}
