package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/** Layers against their formulas, written out here. */
class LayerKernelsTest {
  private final Random random = new Random(7);

  @Test
  void aLinearLayerIsTheProductWithTheTransposedWeightPlusBias() {
    Tensor x = OneOp.floats(List.of(2L, 1L, 2L), 1, 2, 3, 4);
    Tensor w = OneOp.floats(List.of(3L, 2L), 1, 0, 0, 1, 10, 100);
    Tensor bias = OneOp.floats(List.of(3L), 0.5f, -0.5f, 1000);
    List<Long> sizes = List.of(2L, 1L, 3L);
    OneOp.assertClose(
        OneOp.of(NnOps.LINEAR).run(x, w), sizes, new double[] {1, 2, 210, 3, 4, 430}, 0);
    OneOp.assertClose(
        OneOp.of(NnOps.LINEAR).run(x, w, bias),
        sizes,
        new double[] {1.5, 1.5, 1210, 3.5, 3.5, 1430},
        0);
  }

  @Test
  void linearLayersOfAnySizeAgreeWithThePlainSum() {
    for (int[] s :
        new int[][] {{1, 1, 1}, {1, 17, 1}, {5, 1, 3}, {7, 33, 19}, {3, 0, 2}, {0, 4, 2}}) {
      Tensor x = OneOp.random(random, s[0], s[1]);
      Tensor w = OneOp.random(random, s[2], s[1]);
      Tensor bias = OneOp.random(random, s[2]);
      double[] expected = new double[s[0] * s[2]];
      for (int r = 0; r < s[0]; r++) {
        for (int n = 0; n < s[2]; n++) {
          double sum = bias.get(n);
          for (int k = 0; k < s[1]; k++) {
            sum += x.get(r * s[1] + k) * w.get(n * s[1] + k);
          }
          expected[r * s[2] + n] = sum;
        }
      }
      OneOp.assertClose(
          OneOp.of(NnOps.LINEAR).run(x, w, bias),
          List.of((long) s[0], (long) s[2]),
          expected,
          1e-7);
    }
  }

  @Test
  void aLayerNormHasMeanZeroAndVarianceOne() {
    Tensor x = OneOp.floats(List.of(2L, 4L), 1, 2, 3, 4, -1e4f, 1e4f, -1e4f, 1e4f);
    double root = Math.sqrt(1.25 + 1e-6);
    OneOp.assertClose(
        norm(x),
        x.sizes(),
        new double[] {-1.5 / root, -0.5 / root, 0.5 / root, 1.5 / root, -1, 1, -1, 1},
        1e-7);
    OneOp.assertClose(
        norm(OneOp.floats(List.of(1L, 3L), 7, 7, 7)), List.of(1L, 3L), new double[3], 0);
    OneOp.assertClose(norm(OneOp.floats(List.of(2L, 1L), 3, 4)), List.of(2L, 1L), new double[2], 0);
    OneOp.assertClose(norm(OneOp.floats(List.of(3L, 0L))), List.of(3L, 0L), new double[0], 0);
  }

  /** Where all values share a large part, a variance from E[x^2] - E[x]^2 in float would be lost. */
  @Test
  void aLayerNormIsExactFarFromZero() {
    Tensor x = OneOp.floats(List.of(4L), 65536, 65537, 65538, 65539);
    double root = Math.sqrt(1.25 + 1e-6);
    OneOp.assertClose(
        norm(x), x.sizes(), new double[] {-1.5 / root, -0.5 / root, 0.5 / root, 1.5 / root}, 1e-7);
  }

  private static Tensor norm(Tensor x) {
    return OneOp.of(NnOps.LAYER_NORM).with("epsilon", Attribute.of(1e-6)).run(x);
  }

  @Test
  void anRmsNormDividesByTheRootOfTheMeanSquare() {
    Tensor x = OneOp.floats(List.of(3L, 2L), 3, 4, 0, 0, 3e4f, -4e4f);
    Tensor w = OneOp.floats(List.of(2L), 1, 2);
    double root = Math.sqrt(12.5 + 1e-6);
    double large = Math.sqrt(12.5e8 + 1e-6);
    OneOp.assertClose(
        OneOp.of(NnOps.RMS_NORM).with("epsilon", Attribute.of(1e-6)).run(x, w),
        x.sizes(),
        new double[] {3 / root, 8 / root, 0, 0, 3e4 / large, -8e4 / large},
        1e-7);
  }

  @Test
  void aRotationTurnsNeighbouringPairsByTheAngleOfTheirPosition() {
    int positions = 3;
    int half = 2;
    Tensor table = Tensor.zeros(ScalarType.F32, List.of(3L, 2L, 2L));
    for (int p = 0; p < positions; p++) {
      for (int i = 0; i < half; i++) {
        double angle = p * Math.pow(10000, -i / 2.0);
        table.set((p * half + i) * 2, Math.cos(angle));
        table.set((p * half + i) * 2 + 1, Math.sin(angle));
      }
    }
    for (int axis : new int[] {1, 2}) {
      Tensor x =
          axis == 1 ? OneOp.random(random, 2, 3, 5, 2, 4) : OneOp.random(random, 2, 5, 3, 2, 4);
      Tensor y = OneOp.of(NnOps.ROPE).with("axis", Attribute.of((long) axis)).run(x, table);
      double[] expected = new double[x.count()];
      for (int at = 0; at < x.count(); at += 2) {
        int pair = at / 2 % half;
        int inner = axis == 1 ? 5 * 2 * 4 : 2 * 4;
        int position = at / inner % positions;
        double angle = position * Math.pow(10000, -pair / 2.0);
        expected[at] = x.get(at) * Math.cos(angle) - x.get(at + 1) * Math.sin(angle);
        expected[at + 1] = x.get(at + 1) * Math.cos(angle) + x.get(at) * Math.sin(angle);
      }
      // The table holds floats.
      OneOp.assertClose(y, x.sizes(), expected, 3e-7);
    }
  }

  @Test
  void attentionMixesValuesBySoftmaxAlongItsAxis() {
    for (int axis : new int[] {1, 2}) {
      for (int[] s :
          new int[][] {{1, 1, 1, 1, 1}, {2, 3, 4, 2, 6}, {1, 7, 1, 3, 2}, {2, 1, 5, 1, 8}}) {
        checkAttention(axis, s[0], s[1], s[2], s[3], s[4]);
      }
    }
  }

  private void checkAttention(int axis, int b, int t, int s, int h, int d) {
    Tensor q = OneOp.random(random, b, t, s, h, d);
    Tensor k = OneOp.random(random, b, t, s, h, d);
    Tensor v = OneOp.random(random, b, t, s, h, d);
    double scale = 1 / Math.sqrt(d);
    Tensor found = OneOp.of(NnOps.ATTENTION)
        .with("axis", Attribute.of((long) axis))
        .with("scale", Attribute.of(scale))
        .run(q, k, v);
    double[] expected = new double[q.count()];
    for (int at = 0; at < expected.length; at++) {
      int c = at % d;
      int head = at / d % h;
      int place = at / d / h % s;
      int frame = at / d / h / s % t;
      int sample = at / d / h / s / t;
      int length = axis == 1 ? t : s;
      double sum = 0;
      double mixed = 0;
      for (int other = 0; other < length; other++) {
        int f = axis == 1 ? other : frame;
        int p = axis == 1 ? place : other;
        int key = (((sample * t + f) * s + p) * h + head) * d;
        double score = 0;
        for (int i = 0; i < d; i++) {
          score += q.get(at - c + i) * k.get(key + i);
        }
        double weight = Math.exp(score * scale);
        sum += weight;
        mixed += weight * v.get(key + c);
      }
      expected[at] = mixed / sum;
    }
    OneOp.assertClose(found, q.sizes(), expected, 1e-7);
  }

  @Test
  void softmaxOfLargeScoresPicksTheLargestAndSplitsEqualOnes() {
    List<Long> sizes = List.of(1L, 1L, 3L, 1L, 1L);
    Tensor q = OneOp.floats(sizes, 1, -1, 0);
    Tensor k = OneOp.floats(sizes, 1e4f, 0, -1e4f);
    Tensor v = OneOp.floats(sizes, 1, 2, 6);
    Tensor found = OneOp.of(NnOps.ATTENTION)
        .with("axis", Attribute.of(2L))
        .with("scale", Attribute.of(1.0))
        .run(q, k, v);
    OneOp.assertClose(found, sizes, new double[] {1, 6, 3}, 1e-7);
  }

  @Test
  void crossAttentionSeesTheTokensOfItsSampleOnly() {
    Tensor q = OneOp.random(random, 2, 2, 3, 2, 4);
    Tensor k = OneOp.random(random, 4, 5, 2, 4);
    Tensor v = OneOp.random(random, 4, 5, 2, 4);
    int[] lengths = {5, 1, 0, 3};
    Tensor given = Tensor.zeros(ScalarType.I32, List.of(4L));
    for (int i = 0; i < 4; i++) {
      given.set(i, lengths[i]);
    }
    OneOp op = OneOp.of(NnOps.CROSS_ATTENTION).with("scale", Attribute.of(0.5));
    OneOp.assertClose(
        op.run(q, k, v, given), List.of(4L, 2L, 3L, 2L, 4L), cross(q, k, v, lengths, 0.5), 1e-7);
    OneOp.assertClose(
        op.run(q, k, v),
        List.of(4L, 2L, 3L, 2L, 4L),
        cross(q, k, v, new int[] {5, 5, 5, 5}, 0.5),
        1e-7);
  }

  /** q [2, 2, 3, 2, 4] read modulo its samples, k and v [4, 5, 2, 4]. */
  private static double[] cross(Tensor q, Tensor k, Tensor v, int[] lengths, double scale) {
    double[] out = new double[4 * 2 * 3 * 2 * 4];
    for (int at = 0; at < out.length; at++) {
      int c = at % 4;
      int head = at / 4 % 2;
      int query = at / 8 % 6;
      int sample = at / 48;
      double sum = 0;
      double mixed = 0;
      for (int token = 0; token < lengths[sample]; token++) {
        int key = ((sample * 5 + token) * 2 + head) * 4;
        double score = 0;
        for (int i = 0; i < 4; i++) {
          score += q.get(((sample % 2 * 6 + query) * 2 + head) * 4 + i) * k.get(key + i);
        }
        sum += Math.exp(score * scale);
        mixed += Math.exp(score * scale) * v.get(key + c);
      }
      out[at] = lengths[sample] == 0 ? 0 : mixed / sum;
    }
    return out;
  }

  @Test
  void tokensBehindTheLengthDoNotCountWhateverTheyHold() {
    Tensor q = OneOp.floats(List.of(1L, 1L, 1L, 1L, 1L), 1);
    Tensor k = OneOp.floats(List.of(1L, 3L, 1L, 1L), 1, 1, Float.NaN);
    Tensor v = OneOp.floats(List.of(1L, 3L, 1L, 1L), 2, 4, Float.POSITIVE_INFINITY);
    Tensor lengths = Tensor.zeros(ScalarType.I32, List.of(1L));
    lengths.set(0, 2);
    Tensor found =
        OneOp.of(NnOps.CROSS_ATTENTION).with("scale", Attribute.of(1.0)).run(q, k, v, lengths);
    assertThat(found.floats()).containsExactly(3);
  }

  @Test
  void textWithoutTokensGivesZeros() {
    Tensor q = OneOp.random(random, 2, 1, 2, 1, 2);
    Tensor none = OneOp.floats(List.of(2L, 0L, 1L, 2L));
    Tensor found =
        OneOp.of(NnOps.CROSS_ATTENTION).with("scale", Attribute.of(1.0)).run(q, none, none);
    OneOp.assertClose(found, q.sizes(), new double[q.count()], 0);
  }
}
