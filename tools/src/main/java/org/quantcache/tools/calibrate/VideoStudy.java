package org.quantcache.tools.calibrate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.pack.PanelPacker;
import org.quantcache.kernels.quant.Hadamard;
import org.quantcache.kernels.quant.WeightRecipe;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.calibration.RoundedWeight;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.sample.Frame;
import org.quantcache.tools.sample.FrameDecoder;
import org.quantcache.tools.sample.FrameQuality;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoSettings;

/**
 * Measures what rounding one weight to {@link LayerRounding#PROBE_BITS} does to whole videos of a few steps: a program
 * of floats runs with that weight rounded and restored, all others exact. Nothing is compiled for it.
 */
final class VideoStudy {
  private static final int MOST_STEPS = 10;
  private static final int MOST_CASES = 2;

  private final CpuProgram program;
  private final WeightStore checkpoint;
  private final SampleModel sample;
  private final Optional<FrameDecoder> decoder;
  private final List<Case> cases;
  private final int steps;
  private final Map<String, Operation> definitions = new LinkedHashMap<>();
  private final List<Tensor> exact = new ArrayList<>();

  /**
   * Generates the exact videos.
   *
   * @param artifact that {@code program} was loaded from, with packed weights of floats
   * @param steps of a calibration run
   */
  VideoStudy(
      ArtifactReader artifact,
      CpuProgram program,
      WeightStore checkpoint,
      SampleModel sample,
      List<Case> cases,
      int steps) {
    this.program = program;
    this.checkpoint = checkpoint;
    this.sample = sample;
    this.decoder = sample
        .video()
        .filter(video -> video.decoder() != null)
        .filter(video -> video.decoder().type().equals(VideoSettings.Decoder.PREMULTIPLIED_RGBA))
        .map(FrameDecoder::new);
    this.cases = cases.subList(0, Math.min(MOST_CASES, cases.size()));
    this.steps = Math.min(MOST_STEPS, steps);
    IrModule module = Programs.module(artifact);
    for (Operation global : module.globals()) {
      if (global.is(StructureOps.WEIGHT_DEF)
          && global.attributes().type("type").layout().name().equals("panel")) {
        definitions.put(global.attributes().string("key"), global);
      }
    }
    this.cases.forEach(one -> exact.add(generate(one)));
  }

  /** Mean errors over the cases. */
  record Errors(double perceptual, double temporal) {}

  /** The errors of videos when one weight is rounded, rotated and with one scale a row. */
  Errors of(String key, RoundedWeight how) {
    Operation definition = definitions.get(key);
    String name = definition.symbol().orElseThrow();
    program.replaceWeight(name, rounded(definition.attributes(), how));
    double perceptual = 0;
    double temporal = 0;
    for (int i = 0; i < cases.size(); i++) {
      Tensor found = generate(cases.get(i));
      perceptual += perceptual(found, exact.get(i)) / cases.size();
      temporal += relative(differences(found), differences(exact.get(i))) / cases.size();
    }
    program.restoreWeight(name);
    return new Errors(perceptual, temporal);
  }

  private Tensor generate(Case one) {
    Map<String, Tensor> inputs = SampleInputs.of(program.signature(), sample, steps, one);
    return program.run(inputs, steps, StepObserver.NONE).get("output");
  }

  /** The weight as the program reads it, each element the number that its rounded value stands for. */
  private ByteBuffer rounded(Attributes definition, RoundedWeight how) {
    TensorType type = definition.type("type");
    int outputs = (int) type.size(0);
    int inputs = (int) type.size(1);
    int block = LayerStudy.block(inputs);
    WeightRecipe recipe = WeightRecipe.of(
        LayerStudy.recipe(
            definition.string("key"),
            outputs,
            inputs,
            how.bits(),
            how.group(),
            how.clip(),
            block > 0),
        checkpoint::find);
    byte[] values = new byte[inputs];
    float[] scales = new float[recipe.groups()];
    int[] sums = new int[recipe.groups()];
    double[] turned = new double[inputs];
    PanelPacker.Rows rows = (row, into) -> {
      recipe.quantized(row, values, scales, sums);
      for (int k = 0; k < inputs; k++) {
        turned[k] = (double) values[k] * scales[k * scales.length / inputs];
      }
      if (block > 0) {
        // The transform is its own inverse.
        Hadamard.transform(turned, inputs, block);
      }
      for (int k = 0; k < inputs; k++) {
        into[k] = (float) turned[k];
      }
    };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PanelPacker.pack(
          outputs,
          inputs,
          type.layout().width(),
          (ScalarType) type.element(),
          rows,
          Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  private double perceptual(Tensor found, Tensor reference) {
    if (decoder.isEmpty()) {
      return relative(found.doubles(), reference.doubles());
    }
    List<Frame> frames = decoder.get().colors(found, 0);
    return Math.max(
        0, 1 - FrameQuality.of(frames, decoder.get().colors(reference, 0)).ssim());
  }

  /** Differences of neighbouring frames of latents {@code [b, C, T, H, W]}. */
  private static double[] differences(Tensor latents) {
    double[] all = latents.doubles();
    int frames = (int) latents.size(2);
    int plane = (int) (latents.size(3) * latents.size(4));
    int videos = all.length / (frames * plane);
    double[] out = new double[videos * Math.max(0, frames - 1) * plane];
    int to = 0;
    for (int video = 0; video < videos; video++) {
      int from = video * frames * plane;
      for (int i = 0; i < (frames - 1) * plane; i++) {
        out[to++] = all[from + plane + i] - all[from + i];
      }
    }
    return out;
  }

  /** Relative squared error; 0 where there is nothing to compare. */
  private static double relative(double[] found, double[] reference) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < found.length; i++) {
      error += (found[i] - reference[i]) * (found[i] - reference[i]);
      size += reference[i] * reference[i];
    }
    return size == 0 ? 0 : error / size;
  }
}
