package org.quantcache.tools.calibrate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.calibration.Rounding;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.sample.SampleModel;

/**
 * Learns what rounding costs in each product of the block stack, layer after layer. The samples are taken in runs of
 * their own, shorter than those of the trajectory: they show the same values, and can be taken again when a calibration
 * goes on.
 */
final class RoundingCalibrator {
  private static final int MOST_STEPS = 20;
  private static final int MOST_ROWS = 512;

  private final Path model;
  private final int steps;
  private final List<Case> cases;

  RoundingCalibrator(Path model, int steps, List<Case> cases) {
    this.model = model;
    this.steps = steps;
    this.cases = cases;
  }

  /**
   * Measures all layers.
   *
   * @param artifact that {@code program} was loaded from; the program shows what its products read
   * @param done layers that need not be measured again
   * @param starting told the layer that is measured
   * @param progress told what has been measured, after each layer
   */
  Rounding run(
      ArtifactReader artifact,
      CpuProgram program,
      Optional<Rounding> done,
      Consumer<String> starting,
      Consumer<Rounding> progress) {
    SampleModel sample = SampleModel.of(model);
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      Map<String, InputSample.Layer> layers = sample(program, sample);
      WeightStore weights =
          new BalancedWeights(checkpoint.weights(), key -> numbers(layers.get(key).largest));
      VideoStudy videos =
          new VideoStudy(artifact, program, checkpoint.weights(), sample, cases, steps);
      List<LayerRounding> out = new ArrayList<>();
      for (Map.Entry<String, InputSample.Layer> layer : layers.entrySet()) {
        String key = layer.getKey();
        Optional<LayerRounding> known = done.flatMap(d -> d.find(key));
        if (known.isPresent()) {
          out.add(known.get());
          continue;
        }
        starting.accept(key);
        out.add(measure(key, layer.getValue(), weights, videos));
        progress.accept(new Rounding(out));
      }
      return new Rounding(out);
    }
  }

  private Map<String, InputSample.Layer> sample(CpuProgram program, SampleModel sample) {
    int length = Math.min(steps, MOST_STEPS);
    InputSample inputs = new InputSample(Math.max(1, MOST_ROWS / (length * cases.size())));
    for (Case one : cases) {
      program.run(SampleInputs.of(program.signature(), sample, length, one), length, inputs);
    }
    return inputs.layers();
  }

  private static LayerRounding measure(
      String key, InputSample.Layer layer, WeightStore weights, VideoStudy videos) {
    List<Basis> bases = new LayerStudy(key, weights, layer).bases();
    VideoStudy.Errors errors = videos.of(key, LayerRounding.probe(bases));
    return new LayerRounding(
        key, errors.perceptual(), errors.temporal(), numbers(layer.largest), bases);
  }

  private static List<Double> numbers(float[] values) {
    List<Double> out = new ArrayList<>();
    for (float value : values) {
      out.add((double) value);
    }
    return out;
  }
}
