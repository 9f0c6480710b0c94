package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;

/**
 * Attention within sequences of constant length, over q, k, v that lie side by side in rows of {@code 3 heads headDim}:
 * RMS norm of q and k, rotation of pairs, softmax, product with v; model section 3.6.
 *
 * <p>Parameters: qkv, out, [q_norm, k_norm], [rope]; sequences of a sample, rows from sample to sample, rows from
 * sequence to sequence, rows from place to place; then the range. Work items: samples * sequences * heads.
 *
 * @param length places of a sequence
 * @param norm whether q and k are normed with {@code epsilon}
 * @param rope whether q and k are rotated by a table {@code [length, headDim / 2, 2]}
 * @param scale factor of the scores
 */
public record SelfAttentionSpec(
    int heads, int headDim, int length, boolean norm, boolean rope, double scale, double epsilon)
    implements KernelSpec {
  @Override
  public String functionName() {
    return "self_attention_h" + heads + "_d" + headDim + "_l" + length
        + (norm ? "_norm_" + Names.of(epsilon) : "") + (rope ? "_rope" : "") + "_"
        + Names.of(scale);
  }

  @Override
  public long workspaceBytes(CpuTarget target) {
    return core(target).workspaceBytes();
  }

  private AttentionCore core(CpuTarget target) {
    return new AttentionCore(target, headDim, length, length);
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer qkv = kernel.pointer("qkv", "float32");
    Buffer out = kernel.pointer("out", "float32");
    Buffer queryNorm = norm ? kernel.pointer("q_norm", "float32") : null;
    Buffer keyNorm = norm ? kernel.pointer("k_norm", "float32") : null;
    Buffer table = rope ? kernel.pointer("rope", "float32") : null;
    Expr sequences = kernel.integer("sequences");
    Expr sampleRows = kernel.integer("sample_rows");
    Expr sequenceRows = kernel.integer("sequence_rows");
    Expr placeRows = kernel.integer("place_rows");
    KernelBuilder.Range range = kernel.range();
    AttentionCore core = core(target);
    int width = heads * headDim;
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr item = body.let("item", t.add(range.lo(), i));
      Expr head = body.let("head", t.mul(t.remainder(item, heads), headDim));
      Expr sequence = body.let("sequence", t.quotient(item, heads));
      Expr row = body.let(
          "row",
          t.add(
              t.mul(t.quotient(sequence, sequences), sampleRows),
              t.mul(t.remainder(sequence, sequences), sequenceRows)));
      AttentionCore.RowSource queries = (inner, place) -> {
        List<Expr> raw = core.load(inner, qkv, at(inner, row, place, placeRows, 3 * width, head));
        return prepared(inner, core, raw, queryNorm, table, place, scale);
      };
      AttentionCore.RowSource keys = (inner, place) -> {
        Expr from = t.add(at(inner, row, place, placeRows, 3 * width, head), width);
        return prepared(inner, core, core.load(inner, qkv, from), keyNorm, table, place, 1);
      };
      AttentionCore.RowSource values = (inner, place) -> core.load(
          inner, qkv, t.add(at(inner, row, place, placeRows, 3 * width, head), 2L * width));
      AttentionCore.RowSink sink = (inner, place, vectors) ->
          core.store(inner, out, at(inner, row, place, placeRows, width, head), vectors);
      core.emit(
          body,
          range.workspace(),
          t.integer(length),
          t.integer(0),
          t.integer(length),
          queries,
          keys,
          values,
          sink);
    });
  }

  private static Expr at(Body body, Expr row, Expr place, Expr placeRows, int width, Expr head) {
    Tir t = body.tir();
    return body.let("at", t.add(t.mul(t.add(row, t.mul(place, placeRows)), width), head));
  }

  private List<Expr> prepared(
      Body body,
      AttentionCore core,
      List<Expr> raw,
      Buffer weights,
      Buffer table,
      Expr place,
      double factor) {
    Tir t = body.tir();
    List<Expr> out = raw;
    if (norm) {
      Expr squares = t.real(0);
      for (Expr vector : raw) {
        squares = t.add(squares, Functions.sum(body, t.mul(vector, vector)));
      }
      Expr mean = t.add(t.mul(squares, t.real(1.0 / headDim)), t.real(epsilon));
      Expr scaling = body.let("rms", t.divide(t.real(factor), t.sqrt(mean)));
      out = new ArrayList<>();
      for (int i = 0; i < raw.size(); i++) {
        AttentionCore.Chunk chunk = core.chunks().get(i);
        Expr weight = t.load(weights, t.integer(chunk.offset()), chunk.lanes());
        out.add(body.let("x", t.mul(t.mul(raw.get(i), scaling), weight)));
      }
    } else if (factor != 1) {
      out = raw.stream().map(v -> body.let("x", t.mul(v, t.real(factor)))).toList();
    }
    return rope ? rotated(body, core, out, table, place) : out;
  }

  /** (even, odd) becomes (even cos - odd sin, odd cos + even sin). */
  private List<Expr> rotated(
      Body body, AttentionCore core, List<Expr> vectors, Buffer table, Expr place) {
    Tir t = body.tir();
    List<Expr> out = new ArrayList<>();
    for (int i = 0; i < vectors.size(); i++) {
      AttentionCore.Chunk chunk = core.chunks().get(i);
      Expr angles = body.let(
          "angles", t.load(table, t.add(t.mul(place, headDim), chunk.offset()), chunk.lanes()));
      List<Integer> even = new ArrayList<>();
      List<Integer> odd = new ArrayList<>();
      List<Integer> swap = new ArrayList<>();
      for (int lane = 0; lane < chunk.lanes(); lane++) {
        even.add(lane & ~1);
        odd.add(lane | 1);
        swap.add(lane ^ 1);
      }
      Expr lane = t.ramp(t.integer(0), chunk.lanes());
      Expr isEven = t.equal(t.remainder(lane, t.integer(2)), t.integer(0));
      Expr sin = t.shuffle(angles, odd);
      Expr signed = t.select(isEven, t.sub(t.widen(t.real(0), chunk.lanes()), sin), sin);
      Expr turned = t.mul(t.shuffle(vectors.get(i), swap), signed);
      out.add(body.let("x", t.add(t.mul(vectors.get(i), t.shuffle(angles, even)), turned)));
    }
    return out;
  }
}
