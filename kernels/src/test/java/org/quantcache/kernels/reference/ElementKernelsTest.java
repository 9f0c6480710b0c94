package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.tensor.Tensor;

/** Elementwise arithmetic with its broadcasting rule, conversions and constants. */
class ElementKernelsTest {
  private final Random random = new Random(5);

  @Test
  void axisZeroTilesAndOtherAxesStretch() {
    Tensor a = OneOp.floats(List.of(4L, 1L, 3L), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    Tensor b = OneOp.floats(List.of(2L, 2L, 1L), 100, 200, 300, 400);
    double[] expected = {
      101, 102, 103, 201, 202, 203, 304, 305, 306, 404, 405, 406,
      107, 108, 109, 207, 208, 209, 310, 311, 312, 410, 411, 412
    };
    List<Long> sizes = List.of(4L, 2L, 3L);
    OneOp.assertClose(OneOp.of(MathOps.ADD).run(a, b), sizes, expected, 0);
    OneOp.assertClose(OneOp.of(MathOps.ADD).run(b, a), sizes, expected, 0);
  }

  @Test
  void arithmeticIsThatOfFloats() {
    checkBinary(MathOps.ADD, (a, b) -> (float) a + (float) b);
    checkBinary(MathOps.SUB, (a, b) -> (float) a - (float) b);
    checkBinary(MathOps.MUL, (a, b) -> (float) a * (float) b);
  }

  private void checkBinary(String op, DoubleBinaryOperator plain) {
    for (int b0 : new int[] {1, 2, 3, 6}) {
      for (int b1 : new int[] {1, 5}) {
        Tensor a = OneOp.random(random, 6, 5);
        Tensor b = OneOp.random(random, b0, b1);
        double[] expected = new double[30];
        for (int i = 0; i < 6; i++) {
          for (int j = 0; j < 5; j++) {
            double y = b.get((i % b0) * b1 + (b1 == 1 ? 0 : j));
            expected[5 * i + j] = plain.applyAsDouble(a.get(5 * i + j), y);
          }
        }
        OneOp.assertClose(OneOp.of(op).run(a, b), List.of(6L, 5L), expected, 0);
      }
    }
  }

  @Test
  void scalarsAndEmptyTensorsAreTensorsToo() {
    Tensor sum =
        OneOp.of(MathOps.ADD).run(OneOp.floats(List.of(), 2.5f), OneOp.floats(List.of(), -4));
    OneOp.assertClose(sum, List.of(), new double[] {-1.5}, 0);
    Tensor none =
        OneOp.of(MathOps.MUL).run(OneOp.floats(List.of(2L, 0L)), OneOp.floats(List.of(1L, 0L)));
    OneOp.assertClose(none, List.of(2L, 0L), new double[0], 0);
    OneOp.assertClose(
        OneOp.of(NnOps.SILU).run(OneOp.floats(List.of(0L))), List.of(0L), new double[0], 0);
  }

  @Test
  void overflowAndNotANumberBehaveAsInFloats() {
    Tensor huge = OneOp.floats(List.of(3L), Float.MAX_VALUE, -Float.MAX_VALUE, Float.NaN);
    Tensor sum = OneOp.of(MathOps.ADD).run(huge, huge);
    assertThat(sum.floats())
        .containsExactly(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN);
    Tensor infinite = OneOp.floats(List.of(3L), Float.POSITIVE_INFINITY, 1, Float.NaN);
    assertThat(OneOp.of(MathOps.SUB).run(infinite, infinite).floats())
        .containsExactly(Float.NaN, 0, Float.NaN);
  }

  @Test
  void comparisonsTakeEqualValuesAndRefuseNotANumber() {
    Tensor a = OneOp.floats(List.of(5L), 1, 2, 3, Float.NaN, -0f);
    Tensor b = OneOp.floats(List.of(5L), 2, 2, 2, Float.NaN, 0f);
    Tensor atLeast =
        OneOp.of(MathOps.COMPARE).with("predicate", Attribute.word("ge")).run(a, b);
    Tensor equal =
        OneOp.of(MathOps.COMPARE).with("predicate", Attribute.word("eq")).run(a, b);
    assertThat(atLeast.element()).isEqualTo(ScalarType.I1);
    assertThat(atLeast.floats()).containsExactly(0, 1, 1, 0, 1);
    assertThat(equal.floats()).containsExactly(0, 1, 0, 0, 1);
  }

  @Test
  void selectAndNotTakesTruthAsAnythingButZero() {
    Tensor c = truth(1, 0, 1, 0);
    Tensor d = truth(1, 1, 0, 0);
    Tensor a = OneOp.floats(List.of(4L), 1, 2, 3, 4);
    Tensor b = OneOp.floats(List.of(1L), -1);
    assertThat(OneOp.of(MathOps.SELECT).run(c, a, b).floats()).containsExactly(1, -1, 3, -1);
    assertThat(OneOp.of(MathOps.AND_NOT).run(c, d).floats()).containsExactly(0, 0, 1, 0);
  }

  private static Tensor truth(int... values) {
    Tensor out = Tensor.zeros(ScalarType.I1, List.of((long) values.length));
    for (int i = 0; i < values.length; i++) {
      out.set(i, values[i]);
    }
    return out;
  }

  @Test
  void aSelectionKeepsNotANumberOutOfTheOtherBranch() {
    Tensor chosen = OneOp.of(MathOps.SELECT)
        .run(
            truth(1, 0),
            OneOp.floats(List.of(2L), 1, Float.NaN),
            OneOp.floats(List.of(2L), Float.NaN, 2));
    assertThat(chosen.floats()).containsExactly(1, 2);
  }

  @Test
  void modulationScalesByOnePlusScaleThenShifts() {
    Tensor x = OneOp.floats(List.of(2L, 2L), 1, 2, 3, 4);
    Tensor shift = OneOp.floats(List.of(1L, 2L), 10, 20);
    Tensor scale = OneOp.floats(List.of(2L, 1L), 0.5f, -1);
    OneOp.assertClose(
        OneOp.of(NnOps.MODULATE).run(x, shift, scale),
        List.of(2L, 2L),
        new double[] {11.5, 23, 10, 20},
        0);
  }

  @Test
  void geluIsTheFormWithTanh() {
    Tensor x = OneOp.floats(List.of(7L), 0, 1, -1, 2, 3, 1e4f, -1e4f);
    OneOp.assertClose(
        OneOp.of(NnOps.GELU).run(x),
        List.of(7L),
        new double[] {
          0, 0.8411919906082768, -0.15880800939172324, 1.954597694087775, 2.996362607918227, 1e4, 0
        },
        1e-7);
  }

  @Test
  void siluGoesToZeroAndToItsArgument() {
    Tensor x = OneOp.floats(List.of(6L), 0, 1, -1, 1e4f, -1e4f, 88);
    OneOp.assertClose(
        OneOp.of(NnOps.SILU).run(x),
        List.of(6L),
        new double[] {0, 0.7310585786300049, -0.2689414213699951, 1e4, 0, 88},
        1e-7);
  }

  @Test
  void castsTruncateAndTruthIsAnythingButZero() {
    Tensor x = OneOp.floats(List.of(5L), 1.9f, -1.9f, 0, 0.25f, 300);
    assertThat(cast(x, ScalarType.I32).getLong(1)).isEqualTo(-1);
    assertThat(cast(x, ScalarType.I64).getLong(0)).isEqualTo(1);
    assertThat(cast(x, ScalarType.I1).floats()).containsExactly(1, 1, 0, 1, 1);
    assertThat(cast(x, ScalarType.F32).floats()).containsExactly(x.floats());
    Tensor whole = Tensor.of(List.of(2L), Long.MAX_VALUE - 1, -3L);
    assertThat(cast(whole, ScalarType.I64).getLong(0)).isEqualTo(Long.MAX_VALUE - 1);
    assertThat(cast(whole, ScalarType.F32).get(1)).isEqualTo(-3);
    assertThat(cast(whole, ScalarType.I1).floats()).containsExactly(1, 1);
  }

  @Test
  void castsToSixteenBitsRoundToEven() {
    Tensor x = OneOp.floats(List.of(4L), 2049, 2051, 1f / 3, 65520);
    assertThat(cast(x, ScalarType.F16).floats())
        .containsExactly(2048, 2052, 0.33325195f, Float.POSITIVE_INFINITY);
    Tensor y = OneOp.floats(List.of(3L), 257, 259, -1f / 3);
    assertThat(cast(y, ScalarType.BF16).floats()).containsExactly(256, 260, -0.33398438f);
  }

  private static Tensor cast(Tensor x, ScalarType to) {
    long[] sizes = x.sizes().stream().mapToLong(s -> s).toArray();
    Tensor out = OneOp.of(TensorOps.CAST).giving(TensorType.of(to, sizes)).run(x);
    assertThat(out.element()).isEqualTo(to);
    return out;
  }

  @Test
  void aConstantFillsItsType() {
    Tensor half = OneOp.of(StructureOps.CONSTANT)
        .with("value", Attribute.of(0.5))
        .giving(TensorType.of(ScalarType.F32, 2, 2))
        .run();
    assertThat(half.floats()).containsExactly(0.5f, 0.5f, 0.5f, 0.5f);
    Tensor truth = OneOp.of(StructureOps.CONSTANT)
        .with("value", Attribute.of(7.0))
        .giving(TensorType.of(ScalarType.I1, 2))
        .run();
    assertThat(truth.floats()).containsExactly(1, 1);
    Tensor scalar = OneOp.of(StructureOps.CONSTANT)
        .with("value", Attribute.of(-3.0))
        .giving(TensorType.of(ScalarType.I64))
        .run();
    assertThat(scalar.getLong(0)).isEqualTo(-3);
  }
}
