package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/**
 * Function {@code @sample}: rectified-flow sampling with guidance and, on request, frame conditioning; model section
 * 5. The loop and everything in it are as in the original, also what does not change from step to step.
 */
final class SampleProgram {
  static final String NAME = "sample";
  static final String STEPS = "N";

  private final Lift outer;
  private final SampleRequest request;
  private final long videos;

  SampleProgram(Lift lift, SampleRequest request) {
    this.outer = lift;
    this.request = request;
    this.videos = request.videos();
  }

  void build() {
    StditConfig config = outer.config();
    requireSampler(config);
    Parameters parameters = parameters(config);
    OpBuilder builder = outer.at(NAME).builder();
    Function function =
        builder.function(NAME, parameters.names(), parameters.types(), Attributes.NONE);
    Value grid = outer
        .at("scheduler.timesteps")
        .builder()
        .create(ModelOps.TIME_GRID)
        .operands(
            parameters.of(function, "height"),
            parameters.of(function, "width"),
            parameters.of(function, "num_frames"))
        .attribute("train_steps", Attribute.of((long) request.trainSteps()))
        .attribute("transform", Attribute.of(request.transform()))
        .attribute("discrete", Attribute.of(request.discrete()))
        .types(TensorType.of(ScalarType.F32, List.of(Dim.symbol(STEPS), Dim.of(videos))))
        .names("timesteps")
        .result();
    Value output = loop(parameters, function, grid);
    outer.at(NAME).builder().create(StructureOps.RETURN).operands(output, grid).build();
    builder.complete(
        function,
        List.of(output.type(), grid.type()),
        Attributes.of("results", Attribute.strings(List.of("output", "timesteps"))));
  }

  /** @throws UserError IM0504 or IM0505 for a model that the original sampler cannot use */
  static void requireSampler(StditConfig config) {
    if (!config.predSigma()) {
      throw UserError.of(
              "IM0504", "the sampler keeps half of the predicted channels, but pred_sigma is false")
          .withHint("use eval for single passes of this model");
    }
    if (config.skipYEmbedder()) {
      throw UserError.of(
              "IM0505",
              "the sampler needs the null text of y_embedder, but skip_y_embedder is true")
          .withHint("use eval for single passes of this model");
    }
  }

  private Value loop(Parameters parameters, Function function, Value grid) {
    List<Value> initial = new ArrayList<>(List.of(parameters.of(function, "z")));
    Optional<Value> condition = parameters.find(function, "cond_mask");
    condition.ifPresent(mask -> {
      outer.at("scheduler.mask");
      Value one = outer.constant(1, TensorType.of(ScalarType.F32, 1, 1));
      initial.add(outer.compare("eq", mask, one));
    });
    List<TensorType> types = new ArrayList<>(List.of(TensorType.of(ScalarType.I32)));
    initial.forEach(v -> types.add(v.type()));
    List<String> names =
        condition.isPresent() ? List.of("i", "z", "noise_added") : List.of("i", "z");
    Operation loop = outer
        .at("scheduler.sample")
        .builder()
        .create(StructureOps.LOOP)
        .operands(grid)
        .operands(initial)
        .region(
            types,
            names,
            (inner, arguments) -> step(outer.inside(inner), parameters, function, grid, arguments))
        .build();
    return loop.results().get(0);
  }

  private void step(
      Lift lift, Parameters parameters, Function function, Value grid, List<Value> arguments) {
    Value index = arguments.get(0);
    Value start = arguments.get(1);
    lift.at("scheduler.timesteps");
    Value time =
        lift.builder().create(TensorOps.ROW).operands(grid, index).names("t").result();
    Optional<Conditioned> conditioned = parameters
        .find(function, "cond_mask")
        .map(mask -> addNoise(lift, mask, parameters.of(function, "noise_draws"), time, arguments));
    Value z = conditioned.map(Conditioned::latent).orElse(start);
    lift.at("scheduler.sample");
    lift.builder()
        .create(StructureOps.OBSERVE)
        .operands(index, z)
        .attribute("name", Attribute.string("z_steps"))
        .build();
    Value velocity =
        guided(lift, parameters, function, z, time, conditioned.map(Conditioned::upper));
    lift.at("scheduler.update");
    Value size = lift.builder()
        .create(ModelOps.STEP_SIZE)
        .operands(grid, index)
        .attribute("train_steps", Attribute.of((long) request.trainSteps()))
        .result();
    Value next = lift.add(z, lift.mul(velocity, lift.reshape(size, videos, 1, 1, 1, 1)));
    List<Value> carried = new ArrayList<>();
    if (conditioned.isPresent()) {
      lift.at("scheduler.mask");
      carried.add(lift.select(perFrame(lift, conditioned.get().upper()), next, start));
      carried.add(conditioned.get().upper());
    } else {
      carried.add(next);
    }
    lift.builder().create(StructureOps.YIELD).operands(carried).build();
  }

  /** Latent with fresh noise on frames that start to move at this step, and the frames that move. */
  private record Conditioned(Value latent, Value upper) {}

  private Conditioned addNoise(
      Lift lift, Value mask, Value draws, Value time, List<Value> arguments) {
    lift.at("scheduler.mask");
    Value start = arguments.get(1);
    Value added = arguments.get(2);
    Value train = lift.constant(request.trainSteps(), TensorType.of(ScalarType.F32, 1, 1));
    Value upper = lift.compare("ge", lift.mul(mask, train), lift.reshape(time, videos, 1));
    lift.at("scheduler.add_noise");
    Value share =
        lift.mul(time, lift.constant(1.0 / request.trainSteps(), TensorType.of(ScalarType.F32, 1)));
    Value noiseShare = lift.reshape(share, videos, 1, 1, 1, 1);
    Value one = lift.constant(1, TensorType.of(ScalarType.F32, 1, 1, 1, 1, 1));
    Value draw =
        lift.builder().create(TensorOps.ROW).operands(draws, arguments.get(0)).result();
    Value noisy = lift.add(lift.mul(lift.sub(one, noiseShare), start), lift.mul(noiseShare, draw));
    Value latent = lift.select(perFrame(lift, lift.andNot(upper, added)), noisy, start);
    return new Conditioned(latent, upper);
  }

  private Value perFrame(Lift lift, Value mask) {
    return lift.reshape(mask, videos, 1, request.latent().frames(), 1, 1);
  }

  private Value guided(
      Lift lift,
      Parameters parameters,
      Function function,
      Value z,
      Value time,
      Optional<Value> upper) {
    StditConfig config = lift.config();
    lift.at("scheduler.guidance");
    Value y =
        lift.concat(0, parameters.of(function, "y"), nullText(lift, parameters.of(function, "y")));
    // The original always passes a frame mask, all true when there is no condition.
    Value frames = upper
        .map(mask -> lift.repeat(mask, 2))
        .orElseGet(() -> lift.constant(
            1, TensorType.of(ScalarType.I1, 2 * videos, request.latent().patchFrames(config))));
    Network.Inputs inputs = new Network.Inputs(
        lift.repeat(z, 2),
        lift.repeat(time, 2),
        y,
        parameters.find(function, "mask"),
        Optional.empty(),
        Optional.of(frames),
        lift.repeat(parameters.of(function, "fps"), 2),
        parameters.of(function, "height"),
        parameters.of(function, "width"));
    Value prediction = new Network(lift, request.latent(), Taps.none()).build(inputs);
    lift.at("scheduler.guidance");
    Value velocity = lift.slice(prediction, 1, 0, config.inChannels());
    Value conditional = lift.slice(velocity, 0, 0, videos);
    Value unconditional = lift.slice(velocity, 0, videos, videos);
    Value scale = lift.reshape(parameters.of(function, "guidance"), 1, 1, 1, 1, 1);
    return lift.add(unconditional, lift.mul(scale, lift.sub(conditional, unconditional)));
  }

  private Value nullText(Lift lift, Value y) {
    StditConfig config = lift.config();
    lift.at("y_embedder.y_embedding");
    Value rows =
        lift.weightF32("y_embedder.y_embedding", config.modelMaxLength(), config.captionChannels());
    Value cut = lift.slice(rows, 0, 0, y.type().dim(2));
    Value one =
        lift.reshape(cut, Dim.of(1), Dim.of(1), y.type().dim(2), Dim.of(config.captionChannels()));
    return videos == 1 ? one : lift.repeat(one, videos);
  }

  private Parameters parameters(StditConfig config) {
    LatentShape latent = request.latent();
    Dim b = Dim.of(videos);
    Dim tokens = Dim.symbol(ForwardProgram.TOKENS);
    Dim channels = Dim.of(config.inChannels());
    Dim t = Dim.of(latent.frames());
    Dim h = Dim.of(latent.height());
    Dim w = Dim.of(latent.width());
    Parameters out = new Parameters();
    out.add("z", ScalarType.F32, b, channels, t, h, w);
    out.add("y", ScalarType.F32, b, Dim.of(1), tokens, Dim.of(config.captionChannels()));
    if (request.textMask()) {
      out.add("mask", ScalarType.I64, b, tokens);
    }
    for (String scalar : List.of("height", "width", "num_frames", "fps")) {
      out.addVector(scalar, videos);
    }
    out.addVector("guidance", 1);
    if (request.condition()) {
      if (config.patch().get(0) != 1) {
        throw UserError.of(
            "IM0503",
            "a frame condition needs patches of one frame, found patch_size %s",
            config.patch());
      }
      out.add("cond_mask", ScalarType.F32, b, t);
      out.add("noise_draws", ScalarType.F32, Dim.symbol(STEPS), b, channels, t, h, w);
    }
    return out;
  }
}
