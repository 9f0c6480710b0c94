package org.quantcache.tools.pipeline;

import java.util.List;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.ForwardRequest;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.importers.stdit3.SampleRequest;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.tools.sample.SampleModel;

/** The sampling loop of a model at the size that the model itself names. */
public final class SampleModule {
  private SampleModule() {}

  /** Lifts it for one video. @throws UserError CL0306 when the model names no size */
  public static IrModule lift(Checkpoint checkpoint, SampleModel sample) {
    return StditImporter.of(checkpoint).sample(request(sample)).finish();
  }

  /** Lifts it for one video with the latent of every step as input {@code z_steps}. @throws UserError CL0306 */
  public static IrModule liftWithGivenLatents(Checkpoint checkpoint, SampleModel sample) {
    return StditImporter.of(checkpoint)
        .sample(request(sample).withGivenLatents())
        .finish();
  }

  /** Lifts one forward pass for a video, both halves of the guidance, with inner values as further results. @throws UserError CL0306 */
  public static IrModule liftForward(Checkpoint checkpoint, SampleModel sample, List<String> taps) {
    return StditImporter.of(checkpoint)
        .forward(new ForwardRequest(2, shape(sample), 0, false, taps))
        .finish();
  }

  private static LatentShape shape(SampleModel sample) {
    List<Integer> latent = sample
        .video()
        .orElseThrow(() -> UserError.of("CL0306", "the model has no video.json that names a size")
            .withHint("add one as in the sample model, or give inputs"))
        .latent();
    return new LatentShape(latent.get(1), latent.get(2), latent.get(3));
  }

  private static SampleRequest request(SampleModel sample) {
    LatentShape shape = shape(sample);
    SamplerSettings sampler = sample.sampler();
    return new SampleRequest(
        1, shape, false, false, sampler.trainSteps(), sampler.transform(), sampler.discrete());
  }
}
