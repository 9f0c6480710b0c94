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
  private static final List<String> ROWS =
      List.of("shift_msa", "scale_msa", "gate_msa", "shift_mlp", "scale_mlp", "gate_mlp");
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
    Value stored = lift.weightF32(path + ".scale_shift_table", 6, config.hiddenSize());
    Value table = lift.reshape(stored, 1, 6, config.hiddenSize());
    List<Value> rows = rows(table, modulation.rows(), "");
    List<Value> atZero =
        modulation.rowsAtZero().map(m -> rows(table, m, "_zero")).orElse(rows);

    Value u = normModulate(path + ".norm1", x, rows, atZero, SHIFT_MSA, SCALE_MSA);
    Value attended = attention(path + ".attn", u, rope);
    Value x1 = addGated(path, x, attended, rows.get(GATE_MSA), atZero.get(GATE_MSA));
    Value crossed = crossAttention(path + ".cross_attn", x1);
    lift.at(path);
    Value x2 = lift.called("x").add(x1, crossed);
    Value w = normModulate(path + ".norm2", x2, rows, atZero, SHIFT_MLP, SCALE_MLP);
    Value mlp = mlp(path + ".mlp", w);
    Value x3 = addGated(path, x2, mlp, rows.get(GATE_MLP), atZero.get(GATE_MLP));
    tap(path, x3);
    return x3;
  }

  /** Rows of {@code table + m}, each {@code [B, 1, 1, C]}. */
  private List<Value> rows(Value table, Value m, String suffix) {
    Value sum = lift.called("modulation" + suffix).add(table, m);
    List<Value> out = new ArrayList<>();
    for (int row = 0; row < ROWS.size(); row++) {
      Lift named = lift.called(ROWS.get(row) + suffix);
      Value cut = named.slice(sum, 1, row, 1);
      out.add(named.reshape(cut, m.type().size(0), 1, 1, config.hiddenSize()));
    }
    return out;
  }

  /** Both variants are computed in full and selected frame by frame, as the original does. */
  private Value normModulate(
      String path, Value x, List<Value> rows, List<Value> atZero, int shift, int scale) {
    lift.at(path);
    Lift modulated = lift.called("modulated");
    Value moving = modulated.modulate(lift.layerNorm(x), rows.get(shift), rows.get(scale));
    return modulation
        .frameMask()
        .map(mask -> modulated.select(
            mask,
            moving,
            modulated.modulate(lift.layerNorm(x), atZero.get(shift), atZero.get(scale))))
        .orElse(moving);
  }

  private Value addGated(String path, Value x, Value branch, Value gate, Value gateAtZero) {
    lift.at(path);
    Lift gated = lift.called("gated");
    Value moving = gated.mul(gate, branch);
    Value chosen = modulation
        .frameMask()
        .map(mask -> gated.select(mask, moving, gated.mul(gateAtZero, branch)))
        .orElse(moving);
    return lift.called("x").add(x, chosen);
  }

  private Value attention(String path, Value u, Optional<Value> rope) {
    long c = config.hiddenSize();
    Value qkv = lift.linear(u, path + ".qkv", 3 * c);
    lift.at(path);
    Value q = heads("q", lift.called("q").slice(qkv, 3, 0, c));
    Value k = heads("k", lift.called("k").slice(qkv, 3, c, c));
    Value v = heads("v", lift.called("v").slice(qkv, 3, 2 * c, c));
    q = normed(path + ".q_norm", q);
    k = normed(path + ".k_norm", k);
    if (rope.isPresent()) {
      lift.at(path + ".rotary_emb");
      q = rotate("q_rotated", q, rope.get());
      k = rotate("k_rotated", k, rope.get());
    }
    lift.at(path);
    Value mixed = lift.op(NnOps.ATTENTION)
        .operands(q, k, v)
        .attribute("axis", Attribute.of(rope.isPresent() ? 1L : 2L))
        .attribute("scale", Attribute.of(scale()))
        .result();
    Value out = lift.linear(joined(mixed), path + ".proj", c);
    tapAttention(path, out, rope.isPresent());
    return out;
  }

  private Value crossAttention(String path, Value x) {
    long c = config.hiddenSize();
    Value rows = lift.linear(x, path + ".q_linear", c);
    Value kv = lift.linear(text.rows(), path + ".kv_linear", 2 * c);
    lift.at(path);
    Value q = heads("q", rows);
    Value k = textHeads("k", lift.called("k").slice(kv, 2, 0, c));
    Value v = textHeads("v", lift.called("v").slice(kv, 2, c, c));
    OpSpec attention =
        lift.op(NnOps.CROSS_ATTENTION).operands(q, k, v).attribute("scale", Attribute.of(scale()));
    text.lengths().ifPresent(attention::operands);
    Value out = lift.linear(joined(attention.result()), path + ".proj", c);
    tap(path, out);
    return out;
  }

  private Value mlp(String path, Value u) {
    Value wide = lift.linear(u, path + ".fc1", config.mlpHidden());
    Value hidden = lift.at(path + ".act").gelu(wide);
    Value out = lift.linear(hidden, path + ".fc2", config.hiddenSize());
    tap(path, out);
    return out;
  }

  private Value normed(String path, Value x) {
    if (!config.qkNorm()) {
      return x;
    }
    lift.at(path);
    return lift.op(NnOps.RMS_NORM)
        .operands(x, lift.weightF32(path + ".weight", config.headDim()))
        .attribute("epsilon", Attribute.of(Network.EPSILON))
        .result();
  }

  private Value rotate(String name, Value x, Value table) {
    return lift.called(name)
        .op(NnOps.ROPE)
        .operands(x, table)
        .attribute("axis", Attribute.of(1L))
        .result();
  }

  private Value heads(String name, Value x) {
    List<Dim> d = x.type().dims();
    Dim heads = Dim.of(config.heads());
    Dim width = Dim.of(config.headDim());
    return lift.called(name + "_heads").reshape(x, d.get(0), d.get(1), d.get(2), heads, width);
  }

  private Value textHeads(String name, Value x) {
    List<Dim> d = x.type().dims();
    Dim heads = Dim.of(config.heads());
    return lift.called(name + "_heads")
        .reshape(x, d.get(0), d.get(1), heads, Dim.of(config.headDim()));
  }

  private Value joined(Value x) {
    List<Dim> d = x.type().dims();
    return lift.reshape(x, d.get(0), d.get(1), d.get(2), Dim.of(config.hiddenSize()));
  }

  private double scale() {
    return 1 / Math.sqrt(config.headDim());
  }

  /** The original attends on {@code [B*T, S, C]}, or over frames on {@code [B*S, T, C]}. */
  private void tapAttention(String path, Value x, boolean overFrames) {
    if (taps.wants(path)) {
      Value ordered = overFrames ? lift.permute(x, 0, 2, 1, 3) : x;
      List<Dim> d = ordered.type().dims();
      taps.put(path, lift.reshape(ordered, d.get(0).times(d.get(1)), d.get(2), d.get(3)));
    }
  }

  /** The original keeps tokens as {@code [B, N, C]}. */
  private void tap(String path, Value x) {
    if (taps.wants(path)) {
      List<Dim> d = x.type().dims();
      taps.put(path, lift.reshape(x, d.get(0), d.get(1).times(d.get(2)), d.get(3)));
    }
  }
}
