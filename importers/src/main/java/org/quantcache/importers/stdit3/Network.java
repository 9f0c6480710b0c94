package org.quantcache.importers.stdit3;

import java.util.Optional;
import org.quantcache.importers.checkpoint.CheckpointLayout;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** The network of model section 3, op by op as in the original. Tokens are {@code [B, T, S, C]}. */
final class Network {
  /** Added to variances and mean squares everywhere in this model. */
  static final double EPSILON = 1e-6;

  private static final int SINUSOID_WIDTH = 256;
  private static final double MAX_PERIOD = 10000;

  private final Lift lift;
  private final StditConfig config;
  private final LatentShape latent;
  private final Taps taps;

  Network(Lift lift, LatentShape latent, Taps taps) {
    this.lift = lift;
    this.config = lift.config();
    this.latent = latent;
    this.taps = taps;
  }

  /**
   * Arguments of a forward pass; model section 2.
   *
   * @param textMask rows of the mask divide the batch
   * @param textLengths with {@code skip_y_embedder}: tokens of each sample in the packed text
   * @param frameMask true for frames that are denoised
   */
  record Inputs(
      Value x,
      Value timestep,
      Value y,
      Optional<Value> textMask,
      Optional<Value> textLengths,
      Optional<Value> frameMask,
      Value fps,
      Value height,
      Value width) {}

  /** Text as the blocks read it: rows and, for ragged text, how many of them count. */
  record Text(Value rows, Optional<Value> lengths) {}

  /** Modulation vectors of frames that are denoised and, with a frame mask, of the others (time 0). */
  record Modulation(Value rows, Optional<Value> rowsAtZero, Optional<Value> frameMask) {}

  /** Prediction {@code f32[B, Co, T, Hx, Wx]}. */
  Value build(Inputs in) {
    long batch = in.x().type().size(0);
    Value positions = positions(in);
    Value rate = embedScalar(in.fps(), "fps_embedder");
    Value condition = condition(in.timestep(), rate);
    Optional<Value> atZero = in.frameMask().map(mask -> {
      lift.at("t_embedder");
      Value zero = lift.called("zero").constant(0, TensorType.of(ScalarType.F32, batch));
      return condition(zero, rate);
    });
    Modulation modulation =
        new Modulation(timeRows(condition, true), atZero.map(c -> timeRows(c, false)), frames(in));
    Text text = new CaptionPath(lift, taps).build(in);
    Value x = embed(in.x(), positions);
    Value rope = ropeTable();
    Block block = new Block(lift, taps, modulation, text);
    for (int k = 0; k < config.depth(); k++) {
      x = block.build("spatial_blocks." + k, x, Optional.empty());
      x = block.build("temporal_blocks." + k, x, Optional.of(rope));
    }
    Value rows = new FinalLayer(lift).build(x, condition, atZero, modulation.frameMask());
    if (taps.wants("final_layer")) {
      taps.put("final_layer", lift.reshape(rows, batch, tokens(), rows.type().size(-1)));
    }
    return unpatchify(rows);
  }

  private long tokens() {
    return latent.patchFrames(config) * latent.places(config);
  }

  private Optional<Value> frames(Inputs in) {
    return in.frameMask().map(mask -> {
      lift.at("x_mask");
      return lift.called("frame_mask")
          .reshape(mask, mask.type().size(0), mask.type().size(1), 1, 1);
    });
  }

  private Value positions(Inputs in) {
    lift.at("pos_embed");
    Value table = lift.op(ModelOps.POSITION)
        .operands(in.height(), in.width())
        .attribute("rows", Attribute.of((long) latent.patchRows(config)))
        .attribute("cols", Attribute.of((long) latent.patchColumns(config)))
        .attribute("channels", Attribute.of((long) config.hiddenSize()))
        .attribute("reference_size", Attribute.of((long) config.inputSqSize()))
        .result();
    if (taps.wants("pos_embed")) {
      taps.put("pos_embed", lift.reshape(table, 1, latent.places(config), config.hiddenSize()));
    }
    return lift.reshape(table, 1, 1, latent.places(config), config.hiddenSize());
  }

  /** {@code c = E_t(t) + E_f(fps)}; model section 3.3. */
  private Value condition(Value timestep, Value rate) {
    Value time = embedScalar(timestep, "t_embedder");
    lift.at("t_embedder");
    return lift.called("condition").add(time, rate);
  }

  private Value embedScalar(Value scalar, String name) {
    lift.at(name);
    Value waves = lift.op(ModelOps.TIMESTEP)
        .operands(scalar)
        .attribute("width", Attribute.of((long) SINUSOID_WIDTH))
        .attribute("max_period", Attribute.of(MAX_PERIOD))
        .result();
    Value wide = lift.linear(waves, name + ".mlp.0", config.hiddenSize());
    Value hidden = lift.at(name + ".mlp.1").silu(wide);
    return lift.linear(hidden, name + ".mlp.2", config.hiddenSize());
  }

  /** {@code m = t_block(SiLU(c))} as {@code [B, 6, C]}. */
  private Value timeRows(Value condition, boolean tapped) {
    Value hidden = lift.at("t_block.0").silu(condition);
    Value rows = lift.linear(hidden, "t_block.1", 6L * config.hiddenSize());
    if (tapped && taps.wants("t_block")) {
      taps.put("t_block", rows);
    }
    return lift.reshape(rows, condition.type().size(0), 6, config.hiddenSize());
  }

  /** Patches as rows, the convolution as a product; model section 3.5. */
  private Value embed(Value x, Value positions) {
    lift.at("x_embedder");
    long batch = x.type().size(0);
    int pt = config.patch().get(0);
    int ph = config.patch().get(1);
    int pw = config.patch().get(2);
    long frames = latent.patchFrames(config);
    long rows = latent.patchRows(config);
    long columns = latent.patchColumns(config);
    Value padded = x;
    if (frames * pt != latent.frames()
        || rows * ph != latent.height()
        || columns * pw != latent.width()) {
      padded = lift.pad(
          x,
          0,
          0,
          frames * pt - latent.frames(),
          rows * ph - latent.height(),
          columns * pw - latent.width());
    }
    Value split =
        lift.reshape(padded, batch, config.inChannels(), frames, pt, rows, ph, columns, pw);
    Value ordered = lift.permute(split, 0, 2, 4, 6, 1, 3, 5, 7);
    long patch = (long) config.inChannels() * config.patchVolume();
    Value flat = lift.reshape(ordered, batch, frames, rows * columns, patch);
    lift.at("x_embedder.proj");
    Value tokens = lift.op(NnOps.LINEAR)
        .operands(
            flat,
            lift.weight("x_embedder.proj.weight", config.hiddenSize(), patch),
            lift.weight("x_embedder.proj.bias", config.hiddenSize()))
        .result();
    if (taps.wants("x_embedder")) {
      taps.put("x_embedder", lift.reshape(tokens, batch, tokens(), config.hiddenSize()));
    }
    lift.at("pos_embed");
    return lift.called("x").add(tokens, positions);
  }

  private Value ropeTable() {
    lift.at("rope");
    long count = config.headDim() / 2;
    Value frequencies = lift.hasWeight(CheckpointLayout.ROPE_FREQUENCIES)
        ? lift.weightF32(CheckpointLayout.ROPE_FREQUENCIES, count)
        : lift.op(ModelOps.ROPE_FREQUENCIES)
            .attribute("count", Attribute.of(count))
            .attribute("theta", Attribute.of(MAX_PERIOD))
            .result();
    return lift.op(ModelOps.ROPE_TABLE)
        .operands(frequencies)
        .attribute("positions", Attribute.of((long) latent.patchFrames(config)))
        .result();
  }

  /** Column {@code ((kt*ph + kh)*pw + kw)*Co + co} of a row goes to channel co; model section 3.7. */
  private Value unpatchify(Value rows) {
    lift.at("unpatchify");
    long batch = rows.type().size(0);
    int pt = config.patch().get(0);
    int ph = config.patch().get(1);
    int pw = config.patch().get(2);
    long frames = latent.patchFrames(config);
    long gridRows = latent.patchRows(config);
    long gridColumns = latent.patchColumns(config);
    Value split =
        lift.reshape(rows, batch, frames, gridRows, gridColumns, pt, ph, pw, config.outChannels());
    Value ordered = lift.permute(split, 0, 7, 1, 4, 2, 5, 3, 6);
    Value video = lift.reshape(
        ordered, batch, config.outChannels(), frames * pt, gridRows * ph, gridColumns * pw);
    video = crop(video, 2, latent.frames());
    video = crop(video, 3, latent.height());
    return crop(video, 4, latent.width());
  }

  private Value crop(Value video, int axis, long size) {
    return video.type().dim(axis).equals(Dim.of(size)) ? video : lift.slice(video, axis, 0, size);
  }
}
