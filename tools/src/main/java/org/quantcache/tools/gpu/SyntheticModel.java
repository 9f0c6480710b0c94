package org.quantcache.tools.gpu;

import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.importers.checkpoint.SynthModel;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.importers.stdit3.SampleRequest;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.kernels.host.GaussianNoise;
import org.quantcache.kernels.host.TimeGrid;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.sample.SampleModel;

/**
 * A model of seeded random weights in the real layout, and the video that its sampling loop is timed with. Times do not
 * depend on the weights; quality does, so none is told of it.
 *
 * @param name of the size
 * @param config its hyper-parameters
 * @param latent size of the video
 * @param frames of the video
 */
public record SyntheticModel(String name, StditConfig config, LatentShape latent, int frames) {
  /** The published model with 64 frames of 512 x 512. */
  public static final SyntheticModel PUBLISHED =
      new SyntheticModel("XL/2", StditConfig.XL_2, new LatentShape(19, 64, 64), 64);

  /** The same layout as small as the emulation of a driver needs it, with blocks enough to prune some. */
  public static final SyntheticModel TINY = new SyntheticModel(
      "tiny",
      new StditConfig(144, 4, 2, List.of(1, 2, 2), 4, 4.0, true, 24, 6, true, 512, false),
      new LatentShape(5, 4, 4),
      17);

  private static final long SEED = 42;
  private static final int PIXELS_PER_LATENT = 8;
  private static final float FRAME_RATE = 24;

  /** The size for a card, or for the emulation of one. */
  public static SyntheticModel of(boolean emulated) {
    return emulated ? TINY : PUBLISHED;
  }

  /** Settings of the sampler: the original's. */
  static SampleModel sample() {
    return new SampleModel(SamplerSettings.DEFAULT, Optional.empty(), Optional.empty());
  }

  /** The sampling loop of one video. The checkpoint need not be there. */
  IrModule lift() {
    SamplerSettings sampler = SamplerSettings.DEFAULT;
    return new StditImporter("synthetic", config, key -> Optional.of(ScalarType.BF16))
        .sample(new SampleRequest(
            1, latent, false, false, sampler.trainSteps(), sampler.transform(), sampler.discrete()))
        .finish();
  }

  /**
   * Writes the checkpoint into a folder, unless it holds it already.
   *
   * @param progress told of the tensor bytes written so far
   * @throws org.quantcache.ir.diagnostics.UserError IM0403 when the disk has too little room, RT0301
   */
  void write(Path folder, LongConsumer progress) {
    if (!isIn(folder)) {
      checkpoint().write(folder, progress);
    }
  }

  /** Bytes of its weights. */
  long bytes() {
    return checkpoint().dataBytes();
  }

  private SynthModel checkpoint() {
    return new SynthModel(config, StoredType.BF16, SEED);
  }

  /**
   * What a loop of so many steps reads, noise in the place of latents and text; and, for who has no grid of times of its
   * own, {@code times} and {@code step_sizes}, {@code [steps]}.
   */
  Map<String, Tensor> inputs(int steps) {
    SamplerSettings sampler = SamplerSettings.DEFAULT;
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put(
        "z", noise(0, 1, config.inChannels(), latent.frames(), latent.height(), latent.width()));
    out.put("y", noise(1, 1, 1, config.modelMaxLength(), config.captionChannels()));
    out.put("height", number((float) PIXELS_PER_LATENT * latent.height()));
    out.put("width", number((float) PIXELS_PER_LATENT * latent.width()));
    out.put("num_frames", number(frames));
    out.put("fps", number(FRAME_RATE));
    out.put("guidance", number((float) sampler.guidance()));
    Tensor times = Tensor.zeros(ScalarType.F32, List.of((long) steps));
    TimeGrid.fill(
        floats(out.get("height")),
        floats(out.get("width")),
        floats(out.get("num_frames")),
        1,
        steps,
        sampler.trainSteps(),
        sampler.transform(),
        sampler.discrete(),
        floats(times));
    Tensor sizes = Tensor.zeros(ScalarType.F32, List.of((long) steps));
    Tensor size = number(0);
    for (int step = 0; step < steps; step++) {
      TimeGrid.stepSize(floats(times), steps, 1, step, sampler.trainSteps(), floats(size));
      sizes.set(step, size.get(0));
    }
    out.put("times", times);
    out.put("step_sizes", sizes);
    return out;
  }

  private static Tensor noise(long stream, long... sizes) {
    Tensor out = Tensor.zeros(ScalarType.F32, Arrays.stream(sizes).boxed().toList());
    new GaussianNoise(SEED, stream).fill(0, out.count(), floats(out));
    return out;
  }

  private static Tensor number(float value) {
    return Tensor.of(List.of(1L), value);
  }

  private static FloatBuffer floats(Tensor tensor) {
    return tensor.data().asFloatBuffer();
  }

  /** Files of a checkpoint are written whole, the configuration last. */
  private boolean isIn(Path folder) {
    if (!Files.exists(folder.resolve(Checkpoint.CONFIG))) {
      return false;
    }
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return checkpoint.config().equals(config);
    }
  }

  /** As in "XL/2, 64 frames of 512 x 512, latents of 4 x 19 x 64 x 64, 300 tokens of text". */
  public String text() {
    return "%s, %d frames of %d x %d, latents of %d x %d x %d x %d, %d tokens of text"
        .formatted(
            name,
            frames,
            PIXELS_PER_LATENT * latent.width(),
            PIXELS_PER_LATENT * latent.height(),
            config.inChannels(),
            latent.frames(),
            latent.height(),
            latent.width(),
            config.modelMaxLength());
  }
}
