package org.quantcache.kernels.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.tensor.Tensor;

/** A fused operation is what its parts are, one after the other. */
class FusedKernelsTest {
  /** The parts round to float between each other. */
  private static final double ROUNDED = 1e-6;

  private final Random random = new Random(8);

  @Test
  void theEpilogueOfALinearRunsInTheOrderOfItsWords() {
    Tensor x = OneOp.random(random, 4, 3, 5);
    Tensor w = OneOp.random(random, 7, 5);
    Tensor bias = OneOp.random(random, 7);
    Tensor gate = OneOp.random(random, 2, 1, 7);
    Tensor residual = OneOp.random(random, 4, 3, 7);
    Tensor biased = OneOp.of(NnOps.LINEAR).run(x, w, bias);
    Tensor gelu = OneOp.of(NnOps.GELU).run(biased);
    Tensor gated = OneOp.of(MathOps.MUL).run(gelu, gate);
    requireSame(linear(List.of("bias"), x, w, bias), biased);
    requireSame(linear(List.of("bias", "gelu"), x, w, bias), gelu);
    requireSame(linear(List.of("bias", "gelu", "gate"), x, w, bias, gate), gated);
    requireSame(
        linear(List.of("bias", "gelu", "gate", "residual"), x, w, bias, gate, residual),
        OneOp.of(MathOps.ADD).run(residual, gated));
    requireSame(
        linear(List.of("silu"), x, w),
        OneOp.of(NnOps.SILU).run(OneOp.of(NnOps.LINEAR).run(x, w)));
    requireSame(linear(List.of(), x, w), OneOp.of(NnOps.LINEAR).run(x, w));
    // The residual before the gate is another program.
    requireSame(
        linear(List.of("residual", "gate"), x, w, residual, gate),
        OneOp.of(MathOps.MUL)
            .run(OneOp.of(MathOps.ADD).run(OneOp.of(NnOps.LINEAR).run(x, w), residual), gate));
  }

  private static Tensor linear(List<String> epilogue, Tensor... operands) {
    List<Attribute> words = new ArrayList<>();
    epilogue.forEach(word -> words.add(Attribute.string(word)));
    return OneOp.of(FusedOps.LINEAR)
        .with("epilogue", new Attribute.ListAttr(words))
        .run(operands);
  }

  @Test
  void aModulatedNormIsANormThatIsModulated() {
    Tensor x = OneOp.random(random, 4, 2, 3, 6);
    Tensor shift = OneOp.random(random, 2, 2, 1, 6);
    Tensor scale = OneOp.random(random, 2, 2, 1, 6);
    Tensor norm = OneOp.of(NnOps.LAYER_NORM).with("epsilon", Attribute.of(1e-6)).run(x);
    requireSame(
        OneOp.of(FusedOps.NORM_MODULATE).with("epsilon", Attribute.of(1e-6)).run(x, shift, scale),
        OneOp.of(NnOps.MODULATE).run(norm, shift, scale));
  }

  @Test
  void fusedAttentionSplitsNormsRotatesAndMixes() {
    int heads = 2;
    int d = 4;
    for (long axis : new long[] {1, 2}) {
      Tensor qkv = OneOp.random(random, 2, 3, 5, 3 * heads * d);
      Tensor qWeight = OneOp.random(random, d);
      Tensor kWeight = OneOp.random(random, d);
      Tensor table = OneOp.random(random, axis == 1 ? 3 : 5, d / 2, 2);
      Tensor q = part(qkv, 0, heads, d);
      Tensor k = part(qkv, 1, heads, d);
      Tensor v = part(qkv, 2, heads, d);
      OneOp fused = OneOp.of(FusedOps.ATTENTION)
          .with("axis", Attribute.of(axis))
          .with("heads", Attribute.of((long) heads))
          .with("scale", Attribute.of(0.5));
      requireSame(fused.run(qkv), joined(attention(axis, q, k, v)));
      fused.with("norm", Attribute.of(true)).with("epsilon", Attribute.of(1e-6));
      requireSame(
          fused.run(qkv, qWeight, kWeight),
          joined(attention(axis, rms(q, qWeight), rms(k, kWeight), v)));
      fused.with("rope", Attribute.of(true));
      OneOp rope = OneOp.of(NnOps.ROPE).with("axis", Attribute.of(axis));
      requireSame(
          fused.run(qkv, qWeight, kWeight, table),
          joined(attention(
              axis, rope.run(rms(q, qWeight), table), rope.run(rms(k, kWeight), table), v)));
    }
  }

  private static Tensor attention(long axis, Tensor q, Tensor k, Tensor v) {
    return OneOp.of(NnOps.ATTENTION)
        .with("axis", Attribute.of(axis))
        .with("scale", Attribute.of(0.5))
        .run(q, k, v);
  }

  private static Tensor rms(Tensor x, Tensor weight) {
    return OneOp.of(NnOps.RMS_NORM).with("epsilon", Attribute.of(1e-6)).run(x, weight);
  }

  /** Part {@code index} of the last axis as {@code [..., heads, d]}. */
  private static Tensor part(Tensor x, long index, long heads, long d) {
    long[] sizes = x.sizes().stream().mapToLong(s -> s).toArray();
    sizes[sizes.length - 1] = heads * d;
    Tensor cut = OneOp.of(TensorOps.SLICE)
        .with("axis", Attribute.of((long) sizes.length - 1))
        .with("start", Attribute.of(index * heads * d))
        .giving(TensorType.of(ScalarType.F32, sizes))
        .run(x);
    List<Long> split = new ArrayList<>(cut.sizes());
    split.set(split.size() - 1, heads);
    split.add(d);
    return cut.reshaped(split);
  }

  private static Tensor joined(Tensor x) {
    List<Long> sizes = new ArrayList<>(x.sizes());
    long d = sizes.remove(sizes.size() - 1);
    sizes.set(sizes.size() - 1, sizes.get(sizes.size() - 1) * d);
    return x.reshaped(sizes);
  }

  @Test
  void fusedCrossAttentionSplitsKeysFromValues() {
    int heads = 3;
    int d = 2;
    Tensor q = OneOp.random(random, 2, 2, 3, heads * d);
    Tensor kv = OneOp.random(random, 4, 5, 2 * heads * d);
    Tensor lengths = Tensor.zeros(ScalarType.I32, List.of(4L));
    lengths.set(0, 5);
    lengths.set(2, 2);
    lengths.set(3, 1);
    OneOp fused = OneOp.of(FusedOps.CROSS_ATTENTION)
        .with("heads", Attribute.of((long) heads))
        .with("scale", Attribute.of(0.5));
    OneOp plain = OneOp.of(NnOps.CROSS_ATTENTION).with("scale", Attribute.of(0.5));
    Tensor qHeads = part(q, 0, heads, d);
    Tensor k = part(kv, 0, heads, d);
    Tensor v = part(kv, 1, heads, d);
    requireSame(fused.run(q, kv, lengths), joined(plain.run(qHeads, k, v, lengths)));
    requireSame(fused.run(q, kv), joined(plain.run(qHeads, k, v)));
  }

  @Test
  void aGuidedStepMixesBothHalvesAndMovesTheLatent() {
    int videos = 2;
    Tensor v = OneOp.random(random, 2 * videos, 3, 4);
    Tensor z = OneOp.random(random, videos, 2, 4);
    Tensor guidance = OneOp.floats(List.of(1L), 7);
    Tensor dt = OneOp.floats(List.of(2L), 0.25f, 0.5f);
    double[] expected = new double[z.count()];
    for (int i = 0; i < expected.length; i++) {
      int video = i / 8;
      // Two of three channels of the prediction belong to the latent.
      double conditional = v.get(video * 12 + i % 8);
      double unconditional = v.get((videos + video) * 12 + i % 8);
      double velocity = unconditional + 7 * (conditional - unconditional);
      expected[i] = z.get(i) + velocity * dt.get(video);
    }
    OneOp.assertClose(
        OneOp.of(FusedOps.GUIDED_STEP).run(v, z, guidance, dt), z.sizes(), expected, 1e-7);
  }

  @Test
  void aGuidanceOfOneIsTheConditionalPredictionAlone() {
    Tensor v = OneOp.floats(List.of(2L, 1L), 3, 1e30f);
    Tensor z = OneOp.floats(List.of(1L, 1L), 1);
    Tensor one = OneOp.floats(List.of(1L), 1);
    OneOp.assertClose(
        OneOp.of(FusedOps.GUIDED_STEP).run(OneOp.floats(List.of(2L, 1L), 3, 5), z, one, one),
        List.of(1L, 1L),
        new double[] {4},
        0);
    OneOp.assertClose(
        OneOp.of(FusedOps.GUIDED_STEP).run(v, z, one, OneOp.floats(List.of(1L), 0)),
        List.of(1L, 1L),
        new double[] {1},
        0);
  }

  @Test
  void aGuidedStepOfNoVideoIsNothing() {
    OneOp.assertClose(
        OneOp.of(FusedOps.GUIDED_STEP)
            .run(
                OneOp.floats(List.of(0L, 2L)),
                OneOp.floats(List.of(0L, 2L)),
                OneOp.floats(List.of(1L), 7),
                OneOp.floats(List.of(0L))),
        List.of(0L, 2L),
        new double[0],
        0);
  }

  private static void requireSame(Tensor found, Tensor expected) {
    double[] values = new double[expected.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = expected.get(i);
    }
    OneOp.assertClose(found, expected.sizes(), values, ROUNDED);
  }
}
