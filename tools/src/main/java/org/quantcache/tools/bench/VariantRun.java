package org.quantcache.tools.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.sample.Frame;
import org.quantcache.tools.sample.FrameDecoder;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.sample.SampleModel;

/** A compiled variant and what its runs measured. */
final class VariantRun implements AutoCloseable {
  final Variant variant;
  final ArtifactFacts facts;
  final List<Double> seconds = new ArrayList<>();
  final List<FrameQuality> qualities = new ArrayList<>();

  private final SampleModel sample;
  private final Program program;
  private final int steps;
  private double computed;
  private long pruned;

  /** @param source the variant, compiled; it stays the caller's */
  VariantRun(Variant variant, ModelSource source, int steps, int threads) {
    this.variant = variant;
    this.sample = source.sample();
    this.steps = variant.steps(steps);
    this.facts = ArtifactFacts.of(source.artifact());
    this.program = Programs.load(source.artifact(), "sample", threads, ScalarType.F32);
  }

  /** Binds the program to its number of steps and touches its memory. */
  void warmUp(Calibration.Case one) {
    program.run(inputs(one), steps, StepObserver.NONE);
  }

  /** Generates a case, takes the time and decodes it. */
  List<Frame> run(Calibration.Case one) {
    Map<String, Tensor> inputs = inputs(one);
    computed += steps;
    long start = System.nanoTime();
    Map<String, Tensor> results = program.run(inputs, steps, new Counter(), DecisionMode.ADAPTIVE);
    seconds.add((System.nanoTime() - start) / 1e9);
    return new FrameDecoder(sample.video().orElseThrow()).colors(results.get("output"), 0);
  }

  private Map<String, Tensor> inputs(Calibration.Case one) {
    return SampleInputs.prompted(
        program.signature(),
        sample,
        sample.sampler().withSteps(steps),
        List.of(one.prompt()),
        one.seed());
  }

  int steps() {
    return steps;
  }

  /** Mean number of steps at which a guarded region was computed. */
  double computedSteps() {
    return computed / seconds.size();
  }

  /** Mean number of times that a layer was left out of a step. */
  double prunedLayers() {
    return (double) pruned / seconds.size();
  }

  private final class Counter implements StepObserver {
    @Override
    public void decided(DecisionTrace trace) {
      if (!trace.guards().isEmpty()) {
        computed += trace.guards().keySet().stream()
                .mapToLong(trace::computed)
                .average()
                .orElseThrow()
            - trace.steps();
      }
      pruned += trace.pruned();
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
