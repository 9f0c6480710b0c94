package org.quantcache.tools.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.pipeline.ArtifactReport;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.report.graph.KernelIndex;
import org.quantcache.tools.sample.Frame;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoOutput;
import org.quantcache.tools.video.Generator;
import org.quantcache.tools.video.Video;

/** Compiles a model in several ways and generates the same video with each, in turns. */
public final class Comparison implements AutoCloseable {
  /** Told what is going on. */
  public interface Listener {
    /** A build begins. */
    BuildProgress compiling(String name);

    /** A video begins. */
    StepObserver generating(String name);
  }

  /** A compiled way. */
  private record Entry(
      String name,
      String passes,
      StageRecorder history,
      ModelSource source,
      double seconds,
      Generator generator) {}

  private final Path model;
  private final SampleModel sample;
  private final Listener listener;
  private final List<Entry> entries = new ArrayList<>();

  private Comparison(Path model, Listener listener) {
    this.model = model;
    this.sample = SampleModel.of(model);
    this.listener = listener;
  }

  /**
   * Compiles.
   *
   * @param model folder of a model with prompts and a decoder
   * @param ways pipeline text by name; the first one is what the others are judged by
   */
  public static Comparison of(
      Path model,
      Map<String, String> ways,
      CompileTarget target,
      int steps,
      int threads,
      Listener listener) {
    Comparison comparison = new Comparison(model, listener);
    try {
      ways.forEach((name, passes) -> comparison.compile(name, passes, target, steps, threads));
      return comparison;
    } catch (RuntimeException e) {
      comparison.close();
      throw e;
    }
  }

  private void compile(String name, String passes, CompileTarget target, int steps, int threads) {
    StageRecorder history = new StageRecorder();
    long start = System.nanoTime();
    ModelSource source = ModelSource.open(
        model,
        checkpoint -> SampleModule.lift(checkpoint, sample),
        new ModelCompiler.Request(
            target,
            "host",
            passes,
            Calibrations.find(null, model),
            List.of(history),
            listener.compiling(name)));
    double seconds = (System.nanoTime() - start) / 1e9;
    entries.add(
        new Entry(name, passes, history, source, seconds, new Generator(source, steps, threads)));
  }

  /**
   * Generates a video with each.
   *
   * @param turns how many times, at least 1
   */
  public List<Build> run(Case shown, int turns) {
    Map<Entry, List<Video>> videos = new LinkedHashMap<>();
    for (int turn = 0; turn < turns; turn++) {
      for (Entry entry : entries) {
        videos
            .computeIfAbsent(entry, e -> new ArrayList<>())
            .add(entry.generator().run(shown, listener.generating(entry.name())));
      }
    }
    Entry first = entries.get(0);
    List<Frame> reference = first.generator().frames(last(videos.get(first)));
    List<Build> out = new ArrayList<>();
    videos.forEach((entry, all) -> {
      Video video = last(all);
      ArtifactReader artifact = entry.source().artifact();
      out.add(new Build(
          entry.name(),
          entry.passes(),
          Programs.module(artifact),
          entry.seconds(),
          all.stream().map(Video::seconds).toList(),
          video,
          FrameQuality.of(entry.generator().frames(video), reference),
          entry.generator().facts(),
          entry.generator().profile(shown),
          VideoOutput.gif(List.of(video.latents()), sample.video().orElseThrow()),
          KernelIndex.of(artifact, ArtifactReport.of(artifact)),
          entry.history(),
          ArtifactReport.of(artifact)));
    });
    return out;
  }

  private static Video last(List<Video> videos) {
    return videos.get(videos.size() - 1);
  }

  @Override
  public void close() {
    entries.forEach(entry -> {
      entry.generator().close();
      entry.source().close();
    });
  }
}
