package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.kernels.cpu.KernelLaunch;

/** Attention of tokens to each other and to text against plain arithmetic in double. */
@Tag("numerics")
class AttentionTest {
  private static final double EPSILON = 1e-6;
  private static final double SCALE = 0.3;

  private final Random random = new Random(13);

  private record Self(
      SelfAttentionSpec spec, int samples, int frames, int places, boolean overFrames) {}

  private static List<Self> selfCases() {
    List<Self> cases = new ArrayList<>();
    int[][] shapes = {{1, 2, 1}, {4, 32, 8}, {3, 24, 13}, {2, 72, 33}, {1, 40, 50}};
    for (int[] shape : shapes) {
      for (int kind = 0; kind < 4; kind++) {
        SelfAttentionSpec spec = new SelfAttentionSpec(
            shape[0], shape[1], shape[2], (kind & 1) != 0, (kind & 2) != 0, SCALE, EPSILON);
        cases.add(new Self(spec, 2, 3, shape[2], false));
        cases.add(new Self(spec, 2, shape[2], 3, true));
      }
    }
    return cases;
  }

  @Test
  @Tag("slow")
  void tokensAttendToTheirFrameOrTheirPlaceInEveryFrame() {
    List<Self> cases = selfCases();
    for (CpuTarget target : KernelBench.targets()) {
      try (KernelBench bench =
          new KernelBench(target, cases.stream().map(Self::spec).toList(), 2)) {
        cases.forEach(one -> check(bench, one));
      }
    }
  }

  private void check(KernelBench bench, Self one) {
    SelfAttentionSpec spec = one.spec();
    int width = spec.heads() * spec.headDim();
    int rows = one.samples() * one.frames() * one.places();
    float[] qkv = KernelBench.random(random, rows * 3 * width);
    float[] queryNorm = KernelBench.random(random, spec.headDim());
    float[] keyNorm = KernelBench.random(random, spec.headDim());
    float[] rope = KernelBench.random(random, spec.length() * spec.headDim());
    KernelBench.Memory out = bench.memory(new float[rows * width], 4);
    KernelLaunch.Builder launch =
        bench.launch(spec).pointer(bench.memory(qkv, 4).address()).pointer(out.address());
    if (spec.norm()) {
      launch
          .pointer(bench.memory(queryNorm, 4).address())
          .pointer(bench.memory(keyNorm, 4).address());
    }
    if (spec.rope()) {
      launch.pointer(bench.memory(rope, 4).address());
    }
    int perSample = one.frames() * one.places();
    int sequences = one.overFrames() ? one.places() : one.frames();
    int sequenceRows = one.overFrames() ? 1 : one.places();
    int placeRows = one.overFrames() ? one.places() : 1;
    launch.integer(sequences).integer(perSample).integer(sequenceRows).integer(placeRows);
    bench.run(launch, (long) one.samples() * sequences * spec.heads());
    double[] expected = new double[rows * width];
    for (int s = 0; s < one.samples() * sequences; s++) {
      int first = s / sequences * perSample + s % sequences * sequenceRows;
      for (int head = 0; head < spec.heads(); head++) {
        double[][] q = new double[spec.length()][];
        double[][] k = new double[spec.length()][];
        double[][] v = new double[spec.length()][];
        for (int i = 0; i < spec.length(); i++) {
          int at = (first + i * placeRows) * 3 * width + head * spec.headDim();
          q[i] = prepared(spec, qkv, at, queryNorm, rope, i);
          k[i] = prepared(spec, qkv, at + width, keyNorm, rope, i);
          v[i] = row(qkv, at + 2 * width, spec.headDim());
        }
        for (int i = 0; i < spec.length(); i++) {
          double[] mixed = attend(q[i], k, v, spec.length());
          System.arraycopy(
              mixed,
              0,
              expected,
              (first + i * placeRows) * width + head * spec.headDim(),
              spec.headDim());
        }
      }
    }
    KernelBench.assertClose(
        spec + (one.overFrames() ? " over frames" : ""), out.floats(), expected, 2e-5);
  }

  @Test
  @Tag("slow")
  void tokensAttendToTheTextOfTheirSample() {
    int bound = 45;
    List<CrossAttentionSpec> specs = new ArrayList<>();
    for (int[] shape : new int[][] {{2, 16}, {4, 32}, {1, 72}, {3, 24}}) {
      specs.add(new CrossAttentionSpec(shape[0], shape[1], bound, false, SCALE));
      specs.add(new CrossAttentionSpec(shape[0], shape[1], bound, true, SCALE));
    }
    for (CpuTarget target : KernelBench.targets()) {
      try (KernelBench bench = new KernelBench(target, specs, 2)) {
        for (CrossAttentionSpec spec : specs) {
          for (int tokens : new int[] {1, 5, 16, 33, bound}) {
            check(bench, spec, 2, 2, 37, tokens);
            check(bench, spec, 4, 2, 150, tokens);
            check(bench, spec, 1, 1, 1, tokens);
          }
        }
      }
    }
  }

  private void check(
      KernelBench bench,
      CrossAttentionSpec spec,
      int samples,
      int querySamples,
      int queries,
      int tokens) {
    int dim = spec.headDim();
    int width = spec.heads() * dim;
    float[] q = KernelBench.random(random, querySamples * queries * width);
    float[] kv = KernelBench.random(random, samples * tokens * 2 * width);
    int[] lengths = new int[samples];
    for (int s = 0; s < samples; s++) {
      lengths[s] = s == 1 ? 0 : 1 + random.nextInt(tokens);
    }
    KernelBench.Memory out = bench.memory(new float[samples * queries * width], 4);
    KernelLaunch.Builder launch = bench
        .launch(spec)
        .pointer(bench.memory(q, 4).address())
        .pointer(bench.memory(kv, 4).address())
        .pointer(out.address());
    if (spec.ragged()) {
      launch.pointer(bench.ints(lengths));
    }
    launch.integer(queries).integer(tokens).integer(querySamples);
    bench.run(launch, spec.workItems(samples, queries));
    double[] expected = new double[samples * queries * width];
    for (int s = 0; s < samples; s++) {
      int count = spec.ragged() ? lengths[s] : tokens;
      for (int head = 0; head < spec.heads(); head++) {
        double[][] k = new double[count][];
        double[][] v = new double[count][];
        for (int i = 0; i < count; i++) {
          k[i] = row(kv, (s * tokens + i) * 2 * width + head * dim, dim);
          v[i] = row(kv, (s * tokens + i) * 2 * width + width + head * dim, dim);
        }
        for (int i = 0; i < queries; i++) {
          double[] query = row(q, (s % querySamples * queries + i) * width + head * dim, dim);
          System.arraycopy(
              attend(query, k, v, count), 0, expected, (s * queries + i) * width + head * dim, dim);
        }
      }
    }
    KernelBench.assertClose(spec + " tokens " + tokens, out.floats(), expected, 2e-5);
  }

  private static double[] row(float[] from, int at, int count) {
    double[] row = new double[count];
    for (int i = 0; i < count; i++) {
      row[i] = from[at + i];
    }
    return row;
  }

  private static double[] prepared(
      SelfAttentionSpec spec, float[] from, int at, float[] weights, float[] rope, int place) {
    double[] x = row(from, at, spec.headDim());
    if (spec.norm()) {
      double squares = 0;
      for (double value : x) {
        squares += value * value / x.length;
      }
      for (int c = 0; c < x.length; c++) {
        x[c] *= weights[c] / Math.sqrt(squares + EPSILON);
      }
    }
    for (int pair = 0; pair < x.length && spec.rope(); pair += 2) {
      double cos = rope[place * x.length + pair];
      double sin = rope[place * x.length + pair + 1];
      double even = x[pair] * cos - x[pair + 1] * sin;
      x[pair + 1] = x[pair + 1] * cos + x[pair] * sin;
      x[pair] = even;
    }
    return x;
  }

  private static double[] attend(double[] query, double[][] k, double[][] v, int count) {
    double[] weights = new double[count];
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < query.length; c++) {
        weights[i] += SCALE * query[c] * k[i][c];
      }
      most = Math.max(most, weights[i]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp(weights[i] - most);
      sum += weights[i];
    }
    double[] mixed = new double[query.length];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < query.length; c++) {
        mixed[c] += weights[i] / sum * v[i][c];
      }
    }
    return mixed;
  }
}
