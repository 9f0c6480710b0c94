package org.quantcache.tools.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.Frame;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.video.Median;

/**
 * What each optimization and each rival gains and costs: all variants make the same videos in turns, so that what
 * disturbs the machine disturbs them alike, and are judged by the frames of the lossless build.
 */
public final class AblationBenchmark {
  private static final int FIRST_PROMPT = 8;
  private static final int FIRST_SEED = 100;

  private AblationBenchmark() {}

  /**
   * Measures.
   *
   * @param model folder of a model with prompts, decoder and calibration
   * @param only names or groups of variants; all when empty and nothing is added
   * @param added further variants, pipeline text by name
   * @param steps sampling steps of the full run
   * @param cases videos
   * @param log told what is going on
   */
  public static List<AblationRow> run(
      Path model,
      List<String> only,
      Map<String, String> added,
      int steps,
      int cases,
      int threads,
      Consumer<String> log) {
    List<Variant> own = added.entrySet().stream()
        .map(e -> Variant.added(e.getKey(), e.getValue()))
        .toList();
    SampleModel sample = SampleModel.of(model);
    Optional<Calibration> calibration = Calibrations.find(null, model);
    List<VariantRun> runs = new ArrayList<>();
    Map<String, ModelSource> compiled = new LinkedHashMap<>();
    try {
      for (Variant variant : Variant.chosen(only, own)) {
        if (!compiled.containsKey(variant.passes())) {
          log.accept("compiling " + variant.name());
          compiled.put(variant.passes(), compile(model, sample, variant, calibration));
        }
        runs.add(new VariantRun(variant, compiled.get(variant.passes()), steps, threads));
      }
      runs.forEach(run -> run.warmUp(one(sample, 0)));
      for (int i = 0; i < cases; i++) {
        Case one = one(sample, i);
        log.accept("case " + (i + 1) + " of " + cases + ": " + one.prompt());
        List<Frame> reference = runs.get(0).run(one);
        runs.get(0).qualities.add(FrameQuality.of(reference, reference));
        for (VariantRun run : runs.subList(1, runs.size())) {
          run.qualities.add(FrameQuality.of(run.run(one), reference));
        }
      }
      return rows(runs);
    } finally {
      runs.forEach(VariantRun::close);
      compiled.values().forEach(ModelSource::close);
    }
  }

  private static ModelSource compile(
      Path model, SampleModel sample, Variant variant, Optional<Calibration> calibration) {
    return ModelSource.open(
        model,
        checkpoint -> SampleModule.lift(checkpoint, sample),
        ModelCompiler.Request.of(CompileTarget.CPU, variant.passes()).with(calibration));
  }

  /** Prompts and seeds other than those of a calibration by default. */
  private static Case one(SampleModel sample, int number) {
    return new Case(sample.text().orElseThrow().prompt(FIRST_PROMPT + number), FIRST_SEED + number);
  }

  private static List<AblationRow> rows(List<VariantRun> runs) {
    VariantRun lossless = find(runs, Variant.LOSSLESS);
    VariantRun unfused = find(runs, Variant.UNFUSED);
    return runs.stream().map(run -> row(run, lossless, unfused, runs)).toList();
  }

  private static VariantRun find(List<VariantRun> runs, String name) {
    return runs.stream().filter(r -> r.variant.name().equals(name)).findFirst().orElseThrow();
  }

  private static AblationRow row(
      VariantRun run, VariantRun lossless, VariantRun unfused, List<VariantRun> all) {
    double psnr = mean(run, FrameQuality::psnrDb);
    double speedup = speedup(lossless, run);
    return new AblationRow(
        run.variant.name(),
        run.variant.group(),
        run.steps(),
        rounded(1e3 * Median.of(run.seconds)),
        rounded(speedup),
        rounded(speedup(unfused, run)),
        Double.isFinite(psnr) ? rounded(psnr) : null,
        rounded(mean(run, FrameQuality::ssim)),
        rounded(mean(run, FrameQuality::relativeL1)),
        rounded(1 - run.computedSteps() / run.steps()),
        rounded(run.computedSteps()),
        run.prunedLayers(),
        rounded(run.facts().weightBits()),
        rounded(run.activationBits()),
        run.facts().weightBytes(),
        run.facts().cacheBytes(),
        run.facts().arenaBytes(),
        fewSteps(all, lossless, speedup));
  }

  /** Median over the cases of the ratios of two times of one case. */
  private static double speedup(VariantRun slow, VariantRun fast) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < fast.seconds.size(); i++) {
      ratios.add(slow.seconds.get(i) / fast.seconds.get(i));
    }
    return Median.of(ratios);
  }

  /** PSNR of the lossless build with so many steps that it is as fast, between the numbers that were measured. */
  private static Double fewSteps(List<VariantRun> all, VariantRun lossless, double speedup) {
    List<VariantRun> curve = all.stream()
        .filter(r -> r.variant.group().equals(Variant.FEW_STEPS))
        .sorted(Comparator.comparingDouble(r -> speedup(lossless, r)))
        .toList();
    for (int i = 1; i < curve.size(); i++) {
      double slow = speedup(lossless, curve.get(i - 1));
      double fast = speedup(lossless, curve.get(i));
      if (slow <= speedup && speedup <= fast) {
        double part = (Math.log(speedup) - Math.log(slow)) / (Math.log(fast) - Math.log(slow));
        return rounded((1 - part) * mean(curve.get(i - 1), FrameQuality::psnrDb)
            + part * mean(curve.get(i), FrameQuality::psnrDb));
      }
    }
    return null;
  }

  private static double mean(VariantRun run, ToDoubleFunction<FrameQuality> value) {
    return run.qualities.stream().mapToDouble(value).average().orElseThrow();
  }

  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }
}
