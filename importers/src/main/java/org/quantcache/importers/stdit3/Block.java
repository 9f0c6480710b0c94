package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.OpBuilder.OpSpec;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.types.Dim;

/** One spatial or temporal block; model section 3.6. */
final class Block {
  private static final int SHIFT_MSA = 0;
  private static final int SCALE_MSA = 1;
  private static final int GATE_MSA = 2;
  private static final int SHIFT_MLP = 3;
  private static final int SCALE_MLP = 4;
  private static final int GATE_MLP = 5;

  private final Lift lift;
  private final StditConfig config;
  private final Taps taps;
  private final Network.Modulation modulation;
  private final Network.Text text;

  Block(Lift lift, Taps taps, Network.Modulation modulation, Network.Text text) {
    this.lift = lift;
    this.config = lift.config();
    this.taps = taps;
    this.modulation = modulation;
    this.text = text;
  }

  /** Adds the block at module path {@code path}; with a rotation table it attends over frames, else over places. */
  Value build(String path, Value x, Optional<Value> rope) {
    lift.at(path + ".scale_shift_table");
    Value table = lift.reshape(
        lift.weightF32(path + ".scale_shift_table", 6, config.hiddenSize()),
        1,
        6,
        config.hiddenSize());
    List<Value> rows = rows(table, modulation.rows());
    List<Value> atZero = modulation.rowsAtZero().map(m -> rows(table, m)).orElse(rows);

    Value attended = attention(
        path + ".attn", normModulate(path + ".norm1", x, rows, atZero, SHIFT_MSA, SCALE_MSA), rope);
    Value x1 = addGated(path, x, attended, rows.get(GATE_MSA), atZero.get(GATE_MSA));
    Value crossed = crossAttention(path + ".cross_attn", x1);
    lift.at(path);
    Value x2 = lift.add(x1, crossed);
    Value mlp =
        mlp(path + ".mlp", normModulate(path + ".norm2", x2, rows, atZero, SHIFT_MLP, SCALE_MLP));
    Value x3 = addGated(path, x2, mlp, rows.get(GATE_MLP), atZero.get(GATE_MLP));
    tap(path, x3);
    return x3;
  }

  /** Rows of {@code table + m}, each {@code [B, 1, 1, C]}. */
  private List<Value> rows(Value table, Value m) {
    Value sum = lift.add(table, m);
    List<Value> out = new ArrayList<>();
    for (int row = 0; row < 6; row++) {
      Value cut = lift.slice(sum, 1, row, 1);
      out.add(lift.reshape(cut, m.type().size(0), 1, 1, config.hiddenSize()));
    }
    return out;
  }

  private Value normModulate(
      String path, Value x, List<Value> rows, List<Value> atZero, int shift, int scale) {
    lift.at(path);
    Value norm = lift.layerNorm(x);
    Value modulated = lift.modulate(norm, rows.get(shift), rows.get(scale));
    return modulation
        .frameMask()
        .map(mask ->
            lift.select(mask, modulated, lift.modulate(norm, atZero.get(shift), atZero.get(scale))))
        .orElse(modulated);
  }

  private Value addGated(String path, Value x, Value branch, Value gate, Value gateAtZero) {
    lift.at(path);
    Value gated = lift.mul(gate, branch);
    Value chosen = modulation
        .frameMask()
        .map(mask -> lift.select(mask, gated, lift.mul(gateAtZero, branch)))
        .orElse(gated);
    return lift.add(x, chosen);
  }

  private Value attention(String path, Value u, Optional<Value> rope) {
    long c = config.hiddenSize();
    Value qkv = lift.linear(u, path + ".qkv", 3 * c);
    Value q = normed(path + ".q_norm", heads(path, lift.slice(qkv, 3, 0, c)));
    Value k = normed(path + ".k_norm", heads(path, lift.slice(qkv, 3, c, c)));
    Value v = heads(path, lift.slice(qkv, 3, 2 * c, c));
    lift.at(path);
    long axis = rope.isPresent() ? 1 : 2;
    Value qr = rope.map(table -> rotate(q, table)).orElse(q);
    Value kr = rope.map(table -> rotate(k, table)).orElse(k);
    Value mixed = lift.builder()
        .create(NnOps.ATTENTION)
        .operands(qr, kr, v)
        .attribute("axis", Attribute.of(axis))
        .attribute("scale", Attribute.of(scale()))
        .result();
    Value out = lift.linear(joined(mixed), path + ".proj", c);
    if (taps.wants(path)) {
      List<Dim> d = out.type().dims();
      Value ordered = rope.isPresent() ? lift.permute(out, 0, 2, 1, 3) : out;
      Dim outer = d.get(0).times(rope.isPresent() ? d.get(2) : d.get(1));
      taps.put(
          path, lift.reshape(ordered, outer, rope.isPresent() ? d.get(1) : d.get(2), d.get(3)));
    }
    return out;
  }

  private Value crossAttention(String path, Value x) {
    long c = config.hiddenSize();
    Value q = heads(path, lift.linear(x, path + ".q_linear", c));
    Value kv = lift.linear(text.rows(), path + ".kv_linear", 2 * c);
    lift.at(path);
    Value k = textHeads(lift.slice(kv, 2, 0, c));
    Value v = textHeads(lift.slice(kv, 2, c, c));
    OpSpec attention = lift.builder()
        .create(NnOps.CROSS_ATTENTION)
        .operands(q, k, v)
        .attribute("scale", Attribute.of(scale()));
    text.lengths().ifPresent(attention::operands);
    Value out = lift.linear(joined(attention.result()), path + ".proj", c);
    tap(path, out);
    return out;
  }

  private Value mlp(String path, Value u) {
    Value hidden = lift.gelu(lift.linear(u, path + ".fc1", config.mlpHidden()));
    Value out = lift.linear(hidden, path + ".fc2", config.hiddenSize());
    tap(path, out);
    return out;
  }

  private Value normed(String path, Value x) {
    if (!config.qkNorm()) {
      return x;
    }
    lift.at(path);
    return lift.builder()
        .create(NnOps.RMS_NORM)
        .operands(x, lift.weightF32(path + ".weight", config.headDim()))
        .attribute("epsilon", Attribute.of(Network.EPSILON))
        .result();
  }

  private Value rotate(Value x, Value table) {
    return lift.builder()
        .create(NnOps.ROPE)
        .operands(x, table)
        .attribute("axis", Attribute.of(1L))
        .result();
  }

  private Value heads(String path, Value x) {
    lift.at(path);
    List<Dim> d = x.type().dims();
    return lift.reshape(
        x, d.get(0), d.get(1), d.get(2), Dim.of(config.heads()), Dim.of(config.headDim()));
  }

  private Value textHeads(Value x) {
    List<Dim> d = x.type().dims();
    return lift.reshape(x, d.get(0), d.get(1), Dim.of(config.heads()), Dim.of(config.headDim()));
  }

  private Value joined(Value x) {
    List<Dim> d = x.type().dims();
    return lift.reshape(x, d.get(0), d.get(1), d.get(2), Dim.of(config.hiddenSize()));
  }

  private double scale() {
    return 1 / Math.sqrt(config.headDim());
  }

  private void tap(String path, Value x) {
    if (taps.wants(path)) {
      List<Dim> d = x.type().dims();
      taps.put(path, lift.reshape(x, d.get(0), d.get(1).times(d.get(2)), d.get(3)));
    }
  }
}
