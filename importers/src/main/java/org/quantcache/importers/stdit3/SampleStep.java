package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/**
 * The body of the sampling loop; model sections 5.4 and 5.5. Its arguments are the step index, the latent and, with a
 * frame condition, the frames that have got their noise.
 */
final class SampleStep {
  private final Lift lift;
  private final SampleRequest request;
  private final SampleInputs inputs;
  private final Value grid;
  private final long videos;

  SampleStep(Lift lift, SampleRequest request, SampleInputs inputs, Value grid) {
    this.lift = lift;
    this.request = request;
    this.inputs = inputs;
    this.grid = grid;
    this.videos = request.videos();
  }

  void build(List<Value> arguments) {
    Value index = arguments.get(0);
    lift.at("scheduler.timesteps");
    Value time = row("t", grid, index);
    Value start = inputs.latents().map(all -> row("z", all, index)).orElse(arguments.get(1));
    Optional<Condition> condition =
        inputs.condition().map(given -> addNoise(given, time, start, arguments));
    Value z = condition.map(Condition::latent).orElse(start);
    lift.at("scheduler.sample")
        .builder()
        .create(StructureOps.OBSERVE)
        .operands(index, z)
        .attribute("name", Attribute.string("z_steps"))
        .build();
    Value next = move(z, velocity(z, time, condition), index);
    List<Value> carried = new ArrayList<>();
    if (condition.isPresent()) {
      Value moving = condition.get().moving();
      lift.at("scheduler.mask");
      carried.add(lift.called("z").select(perFrame(moving), next, start));
      carried.add(moving);
    } else {
      carried.add(next);
    }
    lift.at("scheduler.sample")
        .builder()
        .create(StructureOps.YIELD)
        .operands(carried)
        .build();
  }

  /** Latent in which the frames that start to move at this step are noisy, and all frames that move. */
  private record Condition(Value latent, Value moving) {}

  private Condition addNoise(
      SampleInputs.Condition given, Value time, Value start, List<Value> arguments) {
    Value added = arguments.get(2);
    TensorType scalar = TensorType.of(ScalarType.F32, 1, 1);
    lift.at("scheduler.mask");
    Value train = lift.called("train_steps").constant(request.trainSteps(), scalar);
    Value level = lift.called("level").mul(given.mask(), train);
    Value now = lift.called("t").reshape(time, videos, 1);
    Value moving = lift.called("moving").compare("ge", level, now);
    Value starting = perFrame(lift.called("starting").andNot(moving, added));
    Value noisy = noisy(start, given.draws(), time, arguments.get(0));
    Value latent = lift.called("z").select(starting, noisy, start);
    return new Condition(latent, moving);
  }

  /** {@code (1 - t/1000) z + t/1000 noise}. */
  private Value noisy(Value start, Value draws, Value time, Value index) {
    lift.at("scheduler.add_noise");
    TensorType scalar = TensorType.of(ScalarType.F32, 1);
    Value perStep = lift.called("per_step").constant(1.0 / request.trainSteps(), scalar);
    Lift noise = lift.called("noise_share");
    Value noiseShare = noise.reshape(noise.mul(time, perStep), videos, 1, 1, 1, 1);
    Value one = lift.called("one").constant(1, TensorType.of(ScalarType.F32, 1, 1, 1, 1, 1));
    Value share = lift.called("share").sub(one, noiseShare);
    Value draw = row("noise", draws, index);
    return lift.called("noisy").add(lift.mul(share, start), lift.mul(noiseShare, draw));
  }

  /** Prediction with guidance; the first half of the batch is conditional. */
  private Value velocity(Value z, Value time, Optional<Condition> condition) {
    StditConfig config = lift.config();
    Value text = textOfBothHalves();
    lift.at("scheduler.guidance");
    // The original always passes a frame mask, all true when there is no condition.
    Lift mask = lift.called("x_mask");
    Value frames = condition
        .map(c -> mask.repeat(c.moving(), 2))
        .orElseGet(() -> mask.constant(
            1, TensorType.of(ScalarType.I1, 2 * videos, request.latent().patchFrames(config))));
    Network.Inputs twice = new Network.Inputs(
        lift.called("x").repeat(z, 2),
        lift.called("timestep").repeat(time, 2),
        text,
        inputs.mask(),
        Optional.empty(),
        Optional.of(frames),
        lift.called("fps").repeat(inputs.fps(), 2),
        inputs.height(),
        inputs.width());
    Value prediction = new Network(lift, request.latent(), Taps.none()).build(twice);
    lift.at("scheduler.guidance");
    Value velocity = lift.called("velocity").slice(prediction, 1, 0, config.inChannels());
    Value conditional = lift.called("conditional").slice(velocity, 0, 0, videos);
    Value unconditional = lift.called("unconditional").slice(velocity, 0, videos, videos);
    Value difference = lift.called("difference").sub(conditional, unconditional);
    Value scale = lift.called("guidance").reshape(inputs.guidance(), 1, 1, 1, 1, 1);
    return lift.called("guided").add(unconditional, lift.mul(scale, difference));
  }

  /** The prompts, then as many copies of the learned null text. */
  private Value textOfBothHalves() {
    StditConfig config = lift.config();
    lift.at("y_embedder.y_embedding");
    Dim tokens = inputs.y().type().dim(2);
    Dim one = Dim.of(1);
    Value stored =
        lift.weightF32("y_embedder.y_embedding", config.modelMaxLength(), config.captionChannels());
    Lift named = lift.called("null_text");
    Value cut = named.slice(stored, 0, 0, tokens);
    Value nullText = named.reshape(cut, one, one, tokens, Dim.of(config.captionChannels()));
    Value copies = videos == 1 ? nullText : named.repeat(nullText, videos);
    return lift.at("scheduler.guidance").called("y").concat(0, inputs.y(), copies);
  }

  private Value move(Value z, Value velocity, Value index) {
    lift.at("scheduler.update");
    Value size = lift.called("step_size")
        .op(ModelOps.STEP_SIZE)
        .operands(grid, index)
        .attribute("train_steps", Attribute.of((long) request.trainSteps()))
        .result();
    Value perVideo = lift.called("step_size").reshape(size, videos, 1, 1, 1, 1);
    return lift.called("z").add(z, lift.mul(velocity, perVideo));
  }

  private Value row(String name, Value table, Value index) {
    return lift.called(name).op(TensorOps.ROW).operands(table, index).result();
  }

  private Value perFrame(Value mask) {
    return lift.called("frames").reshape(mask, videos, 1, request.latent().frames(), 1, 1);
  }
}
