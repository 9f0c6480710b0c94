package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.tools.report.graph.KernelIndex;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.video.ArtifactFacts;
import org.quantcache.tools.video.Video;

/**
 * One way to compile a model, and what its runs showed.
 *
 * @param name in tables
 * @param passes pipeline text
 * @param program what was compiled
 * @param compileSeconds time of the compilation
 * @param seconds of the sampling loop, one for each run
 * @param video of the last run
 * @param quality against the first build
 * @param facts what the program takes
 * @param profile time in each kernel, empty when the device does not say
 * @param gif the frames
 * @param kernels what computes each operation
 * @param passHistory the program before and after each pass, and their times
 * @param work what the passes made of the program, {@code report.json} of the artifact
 */
public record Build(
    String name,
    String passes,
    IrModule program,
    double compileSeconds,
    List<Double> seconds,
    Video video,
    FrameQuality quality,
    ArtifactFacts facts,
    Map<String, LaunchProfile.Entry> profile,
    byte[] gif,
    KernelIndex kernels,
    StageRecorder passHistory,
    JsonNode work) {
  public Build {
    seconds = List.copyOf(seconds);
  }

  /** Median of the times of the runs. */
  public double medianSeconds() {
    return seconds.stream().sorted().toList().get(seconds.size() / 2);
  }

  /** Mean bits of what is multiplied with the weights of the blocks. */
  public double activationBits() {
    return facts.activationBits(video.stepBits());
  }

  /** Share of the steps whose work was reused. */
  public double hitRate() {
    return 1 - video.computedSteps() / video.stepMillis().size();
  }
}
