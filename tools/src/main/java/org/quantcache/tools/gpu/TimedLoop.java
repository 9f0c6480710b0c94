package org.quantcache.tools.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.CudaFootprint;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.Observers;
import org.quantcache.tools.video.ArtifactFacts;
import org.quantcache.tools.video.Median;

/**
 * The sampling loop of an artifact on a card: loaded, run once, run for the clock, run once more for the times of kernels.
 *
 * @param facts what the program takes
 * @param loop seconds of a run, median of those for the clock
 * @param whole seconds from opening the artifact to the latents of the first run
 * @param bytes that it took of the card
 * @param trace what was decided
 * @param kernels time of each kernel in one run
 * @param latents of the first run
 */
record TimedLoop(
    ArtifactFacts facts,
    double loop,
    double whole,
    long bytes,
    DecisionTrace trace,
    Map<String, LaunchProfile.Entry> kernels,
    Tensor latents) {
  private static final double NANOS = 1e9;
  private static final double MICROS = 1e6;
  private static final int MEBIBYTE = 1 << 20;

  /**
   * Runs it.
   *
   * @param rounds runs for the clock, at least 1
   * @param needs told what the program takes, before the card is asked for it
   * @param progress follows the first run
   * @throws org.quantcache.ir.diagnostics.UserError RT0506 when the card is too small, and what loading and running throw
   */
  static TimedLoop of(
      Path file,
      Map<String, Tensor> inputs,
      int steps,
      int rounds,
      DecisionMode mode,
      Consumer<CudaFootprint> needs,
      StepObserver progress) {
    ArtifactFacts facts;
    try (ArtifactReader artifact = ArtifactReader.open(file)) {
      facts = ArtifactFacts.of(artifact);
      needs.accept(CudaFootprint.of(artifact, "sample"));
    }
    AtomicReference<DecisionTrace> trace =
        new AtomicReference<>(new DecisionTrace(steps, Map.of(), Map.of()));
    StepObserver observer = new Observers(List.of(progress, into(trace)));
    // Keeps the context of the card, whose memory and start do not count.
    try (CudaDevice device = CudaDevice.open()) {
      long free = device.freeBytes();
      long start = System.nanoTime();
      try (ArtifactReader artifact = ArtifactReader.open(file);
          CudaProgram program = CudaProgram.load(artifact, "sample")) {
        Tensor latents = program.run(inputs, steps, observer, mode).get("output");
        double whole = seconds(start);
        List<Double> loops = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
          start = System.nanoTime();
          program.run(inputs, steps, StepObserver.NONE, mode);
          loops.add(seconds(start));
        }
        long bytes = free - device.freeBytes();
        LaunchProfile profile = new LaunchProfile();
        program.profileInto(profile);
        program.run(inputs, steps, StepObserver.NONE, mode);
        return new TimedLoop(
            facts, Median.of(loops), whole, bytes, trace.get(), profile.entries(), latents);
      }
    }
  }

  private static StepObserver into(AtomicReference<DecisionTrace> trace) {
    return new StepObserver() {
      @Override
      public void decided(DecisionTrace made) {
        trace.set(made);
      }
    };
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / NANOS;
  }

  /** Its row. Under emulation no time is told, since it would say nothing. */
  SamplingRow row(SamplingBuild build, int steps, boolean emulated) {
    double computed =
        trace.guards().keySet().stream().mapToLong(trace::computed).average().orElse(steps);
    Map<String, Double> millis = new LinkedHashMap<>();
    if (!emulated) {
      kernels.entrySet().stream()
          .sorted((a, b) -> Long.compare(b.getValue().nanos(), a.getValue().nanos()))
          .forEach(e -> millis.put(e.getKey(), e.getValue().nanos() / MICROS));
    }
    return new SamplingRow(
        build.name(),
        steps,
        build.decisions(),
        new SamplingRow.Measured(
            OptionalDouble.of(computed),
            OptionalDouble.of(trace.pruned()),
            OptionalDouble.of(facts.weightBits()),
            time(loop, emulated),
            time(whole, emulated),
            OptionalDouble.of(bytes / MEBIBYTE),
            OptionalDouble.empty(),
            millis),
        "");
  }

  private static OptionalDouble time(double seconds, boolean emulated) {
    return emulated ? OptionalDouble.empty() : OptionalDouble.of(seconds);
  }
}
