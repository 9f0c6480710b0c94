package org.quantcache.codegen.tir;

import java.util.List;

/**
 * Attention of tokens to text, k and v side by side in rows of {@code 2 heads headDim}; the number of text rows is a
 * run-time number, and each sample may use fewer; model section 3.6.
 *
 * <p>Parameters: q, kv, out, [lengths as int32]; queries of a sample, text rows of a sample, samples of q (read
 * modulo); then the range. Work items: {@link #workItems}.
 *
 * @param maxTokens bound of the text rows
 * @param ragged whether lengths are given
 * @param scale factor of the scores
 */
public record CrossAttentionSpec(
    int heads, int headDim, int maxTokens, boolean ragged, double scale) implements KernelSpec {
  private static final int CHUNK = 128;

  @Override
  public String functionName() {
    return "cross_attention_h" + heads + "_d" + headDim + "_l" + maxTokens
        + (ragged ? "_ragged" : "") + "_" + Names.of(scale);
  }

  @Override
  public long workspaceBytes(CpuTarget target) {
    return core(target).workspaceBytes();
  }

  /** Samples times heads times chunks of queries. */
  public long workItems(long samples, long queries) {
    return samples * heads * ((queries + CHUNK - 1) / CHUNK);
  }

  private AttentionCore core(CpuTarget target) {
    return new AttentionCore(target, headDim, maxTokens, CHUNK);
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer q = kernel.pointer("q", "float32");
    Buffer kv = kernel.pointer("kv", "float32");
    Buffer out = kernel.pointer("out", "float32");
    Buffer lengths = ragged ? kernel.pointer("lengths", "int32") : null;
    Expr queries = kernel.integer("queries");
    Expr tokens = kernel.integer("tokens");
    Expr querySamples = kernel.integer("query_samples");
    KernelBuilder.Range range = kernel.range();
    AttentionCore core = core(target);
    int width = heads * headDim;
    Body all = kernel.body();
    Expr chunks = all.let("chunks", t.quotient(t.add(queries, CHUNK - 1L), CHUNK));
    all.loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr item = body.let("item", t.add(range.lo(), i));
      Expr chunk = body.let("chunk", t.mul(t.remainder(item, chunks), CHUNK));
      Expr rest = body.let("rest", t.quotient(item, chunks));
      Expr head = body.let("head", t.mul(t.remainder(rest, heads), headDim));
      Expr sample = body.let("sample", t.quotient(rest, heads));
      Expr count = body.let("count", t.min(t.integer(CHUNK), t.sub(queries, chunk)));
      Expr keys = body.let("keys", ragged ? t.min(t.load(lengths, sample, 1), tokens) : tokens);
      Expr queryRow = body.let("query_row", t.mul(t.remainder(sample, querySamples), queries));
      Expr outRow = body.let("out_row", t.mul(sample, queries));
      Expr textRow = body.let("text_row", t.mul(sample, tokens));
      AttentionCore.RowSource queryRows = (inner, query) -> {
        Expr at = inner.let("at", t.add(t.mul(t.add(queryRow, query), width), head));
        List<Expr> raw = core.load(inner, q, at);
        return raw.stream().map(v -> inner.let("x", t.mul(v, t.real(scale)))).toList();
      };
      AttentionCore.RowSource keyRows = (inner, key) -> core.load(
          inner, kv, inner.let("at", t.add(t.mul(t.add(textRow, key), 2L * width), head)));
      AttentionCore.RowSource valueRows = (inner, key) -> core.load(
          inner,
          kv,
          inner.let("at", t.add(t.add(t.mul(t.add(textRow, key), 2L * width), head), width)));
      AttentionCore.RowSink sink = (inner, query, vectors) -> core.store(
          inner, out, inner.let("to", t.add(t.mul(t.add(outRow, query), width), head)), vectors);
      core.emit(body, range.workspace(), keys, chunk, count, queryRows, keyRows, valueRows, sink);
    });
  }
}
