package org.quantcache.tools.video;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.sample.Frame;
import org.quantcache.tools.sample.FrameDecoder;
import org.quantcache.tools.sample.SampleModel;

/** Generates videos with a compiled model, all with the same number of steps. */
public final class Generator implements AutoCloseable {
  private final SampleModel sample;
  private final Program program;
  private final int steps;
  private final ArtifactFacts facts;

  /** @param source the compiled model; it stays the caller's */
  public Generator(ModelSource source, int steps, int threads) {
    this.sample = source.sample();
    this.steps = steps;
    this.facts = ArtifactFacts.of(source.artifact());
    this.program = Programs.load(source.artifact(), "sample", threads, ScalarType.F32);
  }

  /** Sampling steps of each video. */
  public int steps() {
    return steps;
  }

  /** What the program takes. */
  public ArtifactFacts facts() {
    return facts;
  }

  /**
   * Generates a video.
   *
   * @param observer told of each step
   */
  public Video run(Case one, StepObserver observer) {
    Map<String, Tensor> inputs = inputs(one);
    Watch watch = new Watch(observer);
    long start = System.nanoTime();
    Map<String, Tensor> results = program.run(inputs, steps, watch);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Video(results.get("output"), seconds, watch.millis, watch.trace);
  }

  /** Time in each kernel during one video; empty on the reference device, which has none. */
  public Map<String, LaunchProfile.Entry> profile(Case one) {
    LaunchProfile profile = new LaunchProfile();
    if (program instanceof CompiledProgram compiled) {
      compiled.profileInto(profile);
      program.run(inputs(one), steps, StepObserver.NONE);
      compiled.profileInto(null);
    }
    return profile.entries();
  }

  /** Decoded frames. */
  public List<Frame> frames(Video video) {
    return new FrameDecoder(sample.video().orElseThrow()).colors(video.latents(), 0);
  }

  private Map<String, Tensor> inputs(Case one) {
    return SampleInputs.of(program.signature(), sample, steps, one);
  }

  @Override
  public void close() {
    program.close();
  }

  /** Takes the time of each step. */
  private static final class Watch implements StepObserver {
    private final StepObserver other;
    private final List<Double> millis = new ArrayList<>();
    private DecisionTrace trace = new DecisionTrace(1, Map.of(), Map.of());
    private long last = System.nanoTime();

    private Watch(StepObserver other) {
      this.other = other;
    }

    @Override
    public void stepped(int index, int total) {
      long now = System.nanoTime();
      millis.add((now - last) / 1e6);
      other.stepped(index, total);
      last = System.nanoTime();
    }

    @Override
    public void decided(DecisionTrace made) {
      trace = made;
    }
  }
}
