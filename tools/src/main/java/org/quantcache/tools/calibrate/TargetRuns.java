package org.quantcache.tools.calibrate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.Reached;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoSettings;
import org.quantcache.tools.video.Generator;
import org.quantcache.tools.video.Median;
import org.quantcache.tools.video.Video;

/** Tries settings out in whole runs of the calibration cases, against the lossless build. */
public final class TargetRuns implements AutoCloseable {
  private static final String LOSSLESS = "@none";

  /**
   * Cases that the lossless build runs in turns with another, so that what disturbs the machine disturbs them alike. It takes
   * the same time for any case; a build that decides at run time does not, so that one is timed in all cases.
   */
  private static final int TIMED_CASES = 3;

  private final Path model;
  private final SampleModel sample;
  private final Calibration calibration;
  private final int threads;
  private final Consumer<String> progress;
  private final boolean pictures;
  private final ModelSource source;
  private final Generator lossless;
  private final List<Video> expected = new ArrayList<>();

  /**
   * Compiles the lossless build and generates the cases with it. A calibration of another model is refused with CL0602.
   *
   * @param model folder of the model that the calibration was made for
   * @param progress told what is going on
   */
  public TargetRuns(Path model, Calibration calibration, int threads, Consumer<String> progress) {
    this.model = model;
    this.sample = SampleModel.of(model);
    this.calibration = calibration;
    this.threads = threads;
    this.progress = progress;
    this.pictures = sample
        .video()
        .filter(video -> video.decoder() != null)
        .filter(video ->
            VideoSettings.Decoder.PREMULTIPLIED_RGBA.equals(video.decoder().type()))
        .isPresent();
    this.source = compile(LOSSLESS);
    this.lossless = new Generator(source, calibration.trajectory().steps(), threads);
    lossless.run(calibration.cases().get(0), StepObserver.NONE);
    for (Case one : calibration.cases()) {
      progress.accept("case " + (1 + expected.size()) + " of "
          + calibration.cases().size() + ": " + one.prompt());
      expected.add(lossless.run(one, StepObserver.NONE));
    }
  }

  private ModelSource compile(String passes) {
    return ModelSource.open(
        model,
        checkpoint -> SampleModule.lift(checkpoint, sample),
        ModelCompiler.Request.of(CompileTarget.CPU, passes).with(Optional.of(calibration)));
  }

  /** Compiles a pipeline and runs all cases with it. */
  public Reached measure(String passes) {
    try (ModelSource compiled = compile(passes);
        Generator generator = new Generator(compiled, calibration.trajectory().steps(), threads)) {
      generator.run(calibration.cases().get(0), StepObserver.NONE);
      double quality = 0;
      double computed = 0;
      List<Double> seconds = new ArrayList<>();
      List<Double> exact = new ArrayList<>();
      int cases = expected.size();
      for (int i = 0; i < cases; i++) {
        Video found = generator.run(calibration.cases().get(i), StepObserver.NONE);
        quality += quality(found, expected.get(i)) / cases;
        computed += found.computedSteps() / cases;
        seconds.add(found.seconds());
        if (i < TIMED_CASES) {
          exact.add(lossless.run(calibration.cases().get(i), StepObserver.NONE).seconds());
        }
      }
      double speedup = Median.of(exact) / Median.of(seconds);
      Reached reached = new Reached(passes, quality, speedup, computed);
      progress.accept(reached.text() + ": " + passes);
      return reached;
    }
  }

  private double quality(Video found, Video exact) {
    return pictures
        ? FrameQuality.of(lossless.frames(found), lossless.frames(exact)).psnrDb()
        : SignalToError.db(
            found.latents().data().asFloatBuffer(), exact.latents().data().asFloatBuffer());
  }

  @Override
  public void close() {
    lossless.close();
    source.close();
  }
}
