package org.quantcache.codegen.tir;

/**
 * {@code out = z + (u + guidance (c - u)) dt}: guidance and Euler update in one pass; model sections 3.8 and 5.4.
 *
 * <p>Parameters: prediction, z, guidance, dt, out (may be z); videos, elements of a video's latent, elements of a
 * sample's prediction; then the range. Work items: {@link #workItems}.
 */
public record GuidedStepSpec() implements KernelSpec {
  private static final int CHUNK = 4096;

  @Override
  public String functionName() {
    return "guided_step";
  }

  /** Videos times chunks of their elements. */
  public long workItems(long videos, long elements) {
    return videos * ((elements + CHUNK - 1) / CHUNK);
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer prediction = kernel.pointer("prediction", "float32");
    Buffer z = kernel.pointer("z", "float32");
    Buffer guidance = kernel.pointer("guidance", "float32");
    Buffer stepSize = kernel.pointer("step_size", "float32");
    Buffer out = kernel.pointer("out", "float32");
    Expr videos = kernel.integer("videos");
    Expr elements = kernel.integer("elements");
    Expr perSample = kernel.integer("per_sample");
    KernelBuilder.Range range = kernel.range();
    Expr chunks = kernel.body().let("chunks", t.quotient(t.add(elements, CHUNK - 1L), CHUNK));
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr item = body.let("item", t.add(range.lo(), i));
      Expr video = body.let("video", t.quotient(item, chunks));
      Expr start = body.let("start", t.mul(t.remainder(item, chunks), CHUNK));
      Expr count = body.let("count", t.min(t.integer(CHUNK), t.sub(elements, start)));
      Expr scale = body.let("scale", t.load(guidance, t.integer(0), 1));
      Expr size = body.let("size", t.load(stepSize, video, 1));
      Expr first = body.let("conditional", t.add(t.mul(video, perSample), start));
      Expr second = body.let("unconditional", t.add(t.mul(t.add(video, videos), perSample), start));
      Expr at = body.let("at", t.add(t.mul(video, elements), start));
      int lanes = target.lanes();
      Expr whole = body.let("whole", t.quotient(count, lanes));
      body.loop(
          "v",
          whole,
          (v, inner) -> element(
              inner, prediction, z, out, first, second, at, t.mul(v, lanes), scale, size, lanes));
      body.loop(
          "c",
          t.sub(count, t.mul(whole, lanes)),
          (c, inner) -> element(
              inner,
              prediction,
              z,
              out,
              first,
              second,
              at,
              t.add(t.mul(whole, lanes), c),
              scale,
              size,
              1));
    });
  }

  private static void element(
      Body body,
      Buffer prediction,
      Buffer z,
      Buffer out,
      Expr first,
      Expr second,
      Expr at,
      Expr offset,
      Expr scale,
      Expr size,
      int lanes) {
    Tir t = body.tir();
    Expr conditional = body.let("c", t.load(prediction, t.add(first, offset), lanes));
    Expr unconditional = body.let("u", t.load(prediction, t.add(second, offset), lanes));
    Expr velocity = t.add(unconditional, t.mul(t.sub(conditional, unconditional), scale));
    Expr moved = t.add(t.load(z, t.add(at, offset), lanes), t.mul(velocity, size));
    body.store(out, moved, t.add(at, offset));
  }
}
