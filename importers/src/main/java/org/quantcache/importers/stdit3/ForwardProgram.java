package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;

/** Function {@code @forward}: one pass of the network on given tensors. */
final class ForwardProgram {
  static final String NAME = "forward";
  static final String TOKENS = "L";
  static final String PACKED_TOKENS = "P";

  private final Lift lift;
  private final ForwardRequest request;

  ForwardProgram(Lift lift, ForwardRequest request) {
    this.lift = lift;
    this.request = request;
  }

  void build() {
    StditConfig config = lift.config();
    Parameters parameters = parameters(config);
    Function function = lift.at(NAME)
        .builder()
        .function(NAME, parameters.names(), parameters.types(), Attributes.NONE);
    Taps taps = Taps.of(config, request.taps());
    Network.Inputs inputs = new Network.Inputs(
        parameters.of(function, "x"),
        parameters.of(function, "timestep"),
        parameters.of(function, "y"),
        parameters.find(function, "mask"),
        parameters.find(function, "y_lens"),
        parameters.find(function, "x_mask"),
        parameters.of(function, "fps"),
        parameters.of(function, "height"),
        parameters.of(function, "width"));
    Value output = new Network(lift, request.latent(), taps).build(inputs);
    List<String> names = new ArrayList<>(List.of("output"));
    List<Value> results = new ArrayList<>(List.of(output));
    taps.found().forEach((name, value) -> {
      names.add(name);
      results.add(value);
    });
    lift.at(NAME).builder().create(StructureOps.RETURN).operands(results).build();
    lift.builder()
        .complete(
            function,
            results.stream().map(Value::type).toList(),
            Attributes.of("results", Attribute.strings(names)));
  }

  private Parameters parameters(StditConfig config) {
    long batch = request.batch();
    LatentShape latent = request.latent();
    Parameters out = new Parameters();
    out.add(
        "x",
        ScalarType.F32,
        Dim.of(batch),
        Dim.of(config.inChannels()),
        Dim.of(latent.frames()),
        Dim.of(latent.height()),
        Dim.of(latent.width()));
    out.addVector("timestep", batch);
    if (config.skipYEmbedder()) {
      out.add(
          "y", ScalarType.F32, Dim.of(1), Dim.symbol(PACKED_TOKENS), Dim.of(config.hiddenSize()));
      out.add("y_lens", ScalarType.I64, Dim.of(batch));
    } else {
      out.add(
          "y",
          ScalarType.F32,
          Dim.of(batch),
          Dim.of(1),
          Dim.symbol(TOKENS),
          Dim.of(config.captionChannels()));
      if (request.textMaskRows() > 0) {
        out.add("mask", ScalarType.I64, Dim.of(request.textMaskRows()), Dim.symbol(TOKENS));
      }
    }
    if (request.frameMask()) {
      if (config.patch().get(0) != 1) {
        throw UserError.of(
            "IM0503",
            "a frame mask needs patches of one frame, found patch_size %s",
            config.patch());
      }
      out.add("x_mask", ScalarType.I1, Dim.of(batch), Dim.of(latent.frames()));
    }
    out.addVector("fps", batch);
    out.addVector("height", batch);
    out.addVector("width", batch);
    return out;
  }
}
