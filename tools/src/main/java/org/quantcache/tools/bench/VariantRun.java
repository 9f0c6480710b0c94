package org.quantcache.tools.bench;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.sample.Frame;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.video.ArtifactFacts;
import org.quantcache.tools.video.Generator;
import org.quantcache.tools.video.Video;

/** A compiled variant and what its runs measured. */
final class VariantRun implements AutoCloseable {
  final Variant variant;
  final List<Double> seconds = new ArrayList<>();
  final List<FrameQuality> qualities = new ArrayList<>();

  private final Generator generator;
  private double computed;
  private double activationBits;
  private long pruned;

  /** @param source the variant, compiled; it stays the caller's */
  VariantRun(Variant variant, ModelSource source, int steps, int threads) {
    this.variant = variant;
    this.generator = new Generator(source, variant.steps(steps), threads);
  }

  /** Binds the program to its number of steps and touches its memory. */
  void warmUp(Calibration.Case one) {
    generator.run(one, StepObserver.NONE);
  }

  /** Generates a case, takes the time and decodes it. */
  List<Frame> run(Calibration.Case one) {
    Video video = generator.run(one, StepObserver.NONE);
    seconds.add(video.seconds());
    computed += video.computedSteps();
    pruned += video.trace().pruned();
    activationBits += generator.facts().activationBits(video.stepBits());
    return generator.frames(video);
  }

  int steps() {
    return generator.steps();
  }

  ArtifactFacts facts() {
    return generator.facts();
  }

  /** Mean number of steps at which a guarded region was computed. */
  double computedSteps() {
    return computed / seconds.size();
  }

  /** Mean bits of what is multiplied with the weights of the blocks. */
  double activationBits() {
    return activationBits / seconds.size();
  }

  /** Mean number of times that a layer was left out of a step. */
  double prunedLayers() {
    return (double) pruned / seconds.size();
  }

  @Override
  public void close() {
    generator.close();
  }
}
