package org.quantcache.importers.stdit3;

import java.util.List;
import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.types.Dim;

/** From text embeddings to the rows that cross-attention reads; model section 3.4. */
final class CaptionPath {
  private final Lift lift;
  private final Taps taps;

  CaptionPath(Lift lift, Taps taps) {
    this.lift = lift;
    this.taps = taps;
  }

  Network.Text build(Network.Inputs in) {
    StditConfig config = lift.config();
    if (config.skipYEmbedder()) {
      lift.at("y");
      Operation unpack = lift.op(ModelOps.TEXT_UNPACK)
          .names("text", "text_lengths")
          .operands(in.y(), in.textLengths().orElseThrow())
          .attribute("rows", Attribute.of((long) config.modelMaxLength()))
          .build();
      return new Network.Text(
          unpack.results().get(0), Optional.of(unpack.results().get(1)));
    }
    lift.at("y_embedder");
    List<Dim> dims = in.y().type().dims();
    Value flat = lift.reshape(in.y(), dims.get(0), dims.get(2), dims.get(3));
    Value wide = lift.linear(flat, "y_embedder.y_proj.fc1", config.hiddenSize());
    Value hidden = lift.at("y_embedder.y_proj.act").gelu(wide);
    Value rows = lift.linear(hidden, "y_embedder.y_proj.fc2", config.hiddenSize());
    if (taps.wants("y_embedder")) {
      taps.put(
          "y_embedder",
          lift.reshape(rows, dims.get(0), Dim.of(1), dims.get(2), Dim.of(config.hiddenSize())));
    }
    if (in.textMask().isEmpty()) {
      return new Network.Text(rows, Optional.empty());
    }
    lift.at("y_embedder");
    Operation pack = lift.op(ModelOps.TEXT_PACK)
        .names("text", "text_lengths")
        .operands(rows, in.textMask().get())
        .build();
    return new Network.Text(pack.results().get(0), Optional.of(pack.results().get(1)));
  }
}
