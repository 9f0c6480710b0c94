package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.StructureOps;
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

  private final Lift lift;
  private final SampleRequest request;
  private final long videos;

  SampleProgram(Lift lift, SampleRequest request) {
    this.lift = lift;
    this.request = request;
    this.videos = request.videos();
  }

  void build() {
    StditConfig config = lift.config();
    requireSampler(config);
    Parameters parameters = parameters(config);
    lift.at(NAME);
    Function function =
        lift.builder().function(NAME, parameters.names(), parameters.types(), Attributes.NONE);
    SampleInputs inputs = SampleInputs.of(parameters, function);
    Value grid = grid(inputs, parameters.of(function, "num_frames"));
    Value output = loop(inputs, parameters.of(function, "z"), grid);
    lift.at(NAME).builder().create(StructureOps.RETURN).operands(output, grid).build();
    lift.builder()
        .complete(
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

  private Value grid(SampleInputs inputs, Value numFrames) {
    lift.at("scheduler.timesteps");
    return lift.op(ModelOps.TIME_GRID)
        .operands(inputs.height(), inputs.width(), numFrames)
        .attribute("train_steps", Attribute.of((long) request.trainSteps()))
        .attribute("transform", Attribute.of(request.transform()))
        .attribute("discrete", Attribute.of(request.discrete()))
        .types(TensorType.of(ScalarType.F32, List.of(Dim.symbol(STEPS), Dim.of(videos))))
        .result();
  }

  private Value loop(SampleInputs inputs, Value noise, Value grid) {
    List<Value> initial = new ArrayList<>(List.of(noise));
    List<String> names = new ArrayList<>(List.of("step", "z"));
    if (inputs.condition().isPresent()) {
      lift.at("scheduler.mask");
      Value one = lift.called("one").constant(1, TensorType.of(ScalarType.F32, 1, 1));
      initial.add(
          lift.called("noise_added").compare("eq", inputs.condition().get().mask(), one));
      names.add("noise_added");
    }
    List<TensorType> types = new ArrayList<>(List.of(TensorType.of(ScalarType.I32)));
    initial.forEach(v -> types.add(v.type()));
    Operation loop = lift.at("scheduler.sample")
        .builder()
        .create(StructureOps.LOOP)
        .operands(grid)
        .operands(initial)
        .names(names.subList(1, names.size()))
        .region(
            types,
            names,
            (inner, arguments) ->
                new SampleStep(lift.inside(inner), request, inputs, grid).build(arguments))
        .build();
    return loop.results().get(0);
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
    if (request.given()) {
      out.add("z_steps", ScalarType.F32, Dim.symbol(STEPS), b, channels, t, h, w);
    }
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
