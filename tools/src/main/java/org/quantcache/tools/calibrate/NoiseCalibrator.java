package org.quantcache.tools.calibrate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.NoiseFloor;
import org.quantcache.passes.core.Loops;
import org.quantcache.passes.observe.ObservePass;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.passes.stack.RoundedProducts;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Observers;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Measures what rounding alone changes of what the default probe of a guard sees: a rounded program is given the latents
 * of the exact run, step by step, so that nothing but the rounding of that one step tells the two apart.
 */
final class NoiseCalibrator {
  private static final int MOST_STEPS = 20;
  private static final int MOST_CASES = 4;

  /** Those of the presets, and those around them. */
  private static final List<String> GRIDS = List.of(
      AllPasses.pass("aigq", "balanced"),
      AllPasses.pass("aigq", "fast"),
      "aigq{weights=6,activations=6,cross-kv=true}",
      "aigq{weights=4,cross-kv=true}",
      "aigq{granularity=tensor,cross-kv=true}");

  private final Path model;
  private final SampleModel sample;
  private final int steps;
  private final List<Case> cases;
  private final int threads;

  NoiseCalibrator(Path model, int steps, List<Case> cases, int threads) {
    this.model = model;
    this.sample = SampleModel.of(model);
    this.steps = Math.min(MOST_STEPS, steps);
    this.cases = cases.subList(0, Math.min(MOST_CASES, cases.size()));
    this.threads = threads;
  }

  /**
   * Measures all grids.
   *
   * @param exact program of floats that shows its latents and the probe
   * @param known what is known already: grids that need not be measured again, and what others are chosen by
   * @param starting told the grid that is measured, and those that the model cannot have
   * @param progress told what has been measured, after each grid
   */
  void run(
      Program exact,
      Calibration known,
      Consumer<String> starting,
      Consumer<List<NoiseFloor>> progress) {
    List<NoiseFloor> out = new ArrayList<>(known.noise());
    for (String grid : GRIDS) {
      if (out.stream().noneMatch(floor -> floor.passes().equals(grid))) {
        starting.accept("noise of " + grid);
        try {
          measure(exact, grid, known).ifPresent(out::add);
          progress.accept(out);
        } catch (UserError e) {
          // A narrow model may have no grids within the budget of a preset; it is calibrated all
          // the same.
          if (!e.code().startsWith("PA07")) {
            throw e;
          }
          starting.accept("noise of " + grid + " left out: " + e.getMessage());
        }
      }
    }
  }

  private Optional<NoiseFloor> measure(Program exact, String grid, Calibration known) {
    String passes = "@none," + grid + ",observe{values=" + ObservePass.PROBE + "}";
    try (ModelSource source = ModelSource.open(
            model,
            checkpoint -> SampleModule.liftWithGivenLatents(checkpoint, sample),
            ModelCompiler.Request.of(CompileTarget.CPU, passes).with(Optional.of(known)));
        Program rounded = CpuProgram.load(source.artifact(), "sample", threads)) {
      double sum = 0;
      for (Case one : cases) {
        sum += distance(exact, rounded, one) / cases.size();
      }
      double floor = sum;
      return bits(Programs.module(source.artifact()))
          .map(bits -> new NoiseFloor(grid, bits, floor));
    }
  }

  private static Optional<NoiseFloor.Bits> bits(IrModule module) {
    List<NoiseFloor.Bits> out = new ArrayList<>();
    Loops.forEach(module, loop -> RoundedProducts.bits(module, loop).ifPresent(out::add));
    return out.stream().findFirst();
  }

  /** Mean over the steps of one run. */
  private double distance(Program exact, Program rounded, Case one) {
    StepSeries latents = new StepSeries("z_steps");
    Probes expected = new Probes();
    exact.run(
        SampleInputs.of(exact.signature(), sample, steps, one),
        steps,
        new Observers(List.of(latents, expected)));
    Map<String, Tensor> given =
        new LinkedHashMap<>(SampleInputs.of(rounded.signature(), sample, steps, one));
    given.put("z_steps", latents.stacked());
    Probes found = new Probes();
    rounded.run(given, steps, found);
    double sum = 0;
    for (int step = 0; step < found.values.size(); step++) {
      sum += RelativeL1.of(found.values.get(step), expected.values.get(step));
    }
    return sum / Math.max(1, found.values.size());
  }

  /** An even sample of the probe at each step. */
  private static final class Probes implements StepObserver {
    private final List<float[]> values = new ArrayList<>();

    @Override
    public boolean wants(String series) {
      return series.equals(ObservePass.PROBE);
    }

    @Override
    public void observed(String series, int index, int total, Tensor value) {
      values.add(EvenSample.of(value));
    }
  }
}
