package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.tensor.Tensor;

/** Operations that move elements and change none. */
class MovingKernelsTest {
  private final Random random = new Random(6);

  @Test
  void aPermutationMovesAxisOrderOfIToAxisI() {
    Tensor x = OneOp.random(random, 2, 3, 4, 5);
    Tensor y =
        OneOp.of(TensorOps.PERMUTE).with("order", Attribute.longs(2, 0, 3, 1)).run(x);
    assertThat(y.sizes()).containsExactly(4L, 2L, 5L, 3L);
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 3; b++) {
        for (int c = 0; c < 4; c++) {
          for (int d = 0; d < 5; d++) {
            assertThat(y.get(((c * 2 + a) * 5 + d) * 3 + b))
                .isEqualTo(x.get(((a * 3 + b) * 4 + c) * 5 + d));
          }
        }
      }
    }
  }

  @Test
  void slicesOfAnAxisJoinBackToTheWhole() {
    for (int axis = 0; axis < 3; axis++) {
      Tensor x = OneOp.random(random, 4, 5, 6);
      long size = x.size(axis);
      for (long cut = 0; cut <= size; cut++) {
        Tensor front = slice(x, axis, 0, cut);
        Tensor back = slice(x, axis, cut, size - cut);
        Tensor joined =
            OneOp.of(TensorOps.CONCAT).with("axis", Attribute.of((long) axis)).run(front, back);
        assertThat(joined.sizes()).isEqualTo(x.sizes());
        assertThat(joined.floats()).containsExactly(x.floats());
      }
    }
  }

  private static Tensor slice(Tensor x, int axis, long start, long count) {
    long[] sizes = x.sizes().stream().mapToLong(s -> s).toArray();
    sizes[axis] = count;
    return OneOp.of(TensorOps.SLICE)
        .with("axis", Attribute.of((long) axis))
        .with("start", Attribute.of(start))
        .giving(TensorType.of(x.element(), sizes))
        .run(x);
  }

  @Test
  void aSliceTakesTheNamedElements() {
    Tensor x = OneOp.floats(List.of(2L, 4L), 0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(slice(x, 1, 1, 2).floats()).containsExactly(1, 2, 5, 6);
    assertThat(slice(x, 0, 1, 1).floats()).containsExactly(4, 5, 6, 7);
  }

  @Test
  void concatenationTakesAnyNumberOfParts() {
    Tensor a = OneOp.floats(List.of(2L, 1L), 1, 2);
    Tensor b = OneOp.floats(List.of(2L, 2L), 3, 4, 5, 6);
    OneOp concat = OneOp.of(TensorOps.CONCAT).with("axis", Attribute.of(1L));
    assertThat(concat.run(a).floats()).containsExactly(1, 2);
    assertThat(concat.run(a, b, a).floats()).containsExactly(1, 3, 4, 1, 2, 5, 6, 2);
  }

  @Test
  void paddingAddsZerosBehindEachAxis() {
    Tensor x = OneOp.floats(List.of(2L, 2L), 1, 2, 3, 4);
    Tensor y = OneOp.of(TensorOps.PAD).with("after", Attribute.longs(1, 2)).run(x);
    assertThat(y.sizes()).containsExactly(3L, 4L);
    assertThat(y.floats()).containsExactly(1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0);
    assertThat(
            OneOp.of(TensorOps.PAD).with("after", Attribute.longs(0, 0)).run(x).floats())
        .containsExactly(x.floats());
  }

  @Test
  void repetitionTilesAxisZero() {
    Tensor x = OneOp.floats(List.of(2L, 2L), 1, 2, 3, 4);
    Tensor y = OneOp.of(TensorOps.REPEAT).with("times", Attribute.of(3L)).run(x);
    assertThat(y.sizes()).containsExactly(6L, 2L);
    assertThat(y.floats()).containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4);
  }

  @Test
  void aRowIsTakenByAnIndexThatIsData() {
    Tensor x = OneOp.floats(List.of(3L, 2L), 1, 2, 3, 4, 5, 6);
    for (int i = 0; i < 3; i++) {
      Tensor row = OneOp.of(TensorOps.ROW).run(x, Tensor.scalar(i));
      assertThat(row.sizes()).containsExactly(2L);
      assertThat(row.floats()).containsExactly(2 * i + 1, 2 * i + 2);
    }
    Tensor scalar = OneOp.of(TensorOps.ROW).run(OneOp.floats(List.of(2L), 8, 9), Tensor.scalar(1));
    assertThat(scalar.sizes()).isEmpty();
    assertThat(scalar.floats()).containsExactly(9);
  }

  @Test
  void wholeNumbersAndTruthMoveBitByBit() {
    Tensor longs = Tensor.of(List.of(2L, 2L), Long.MAX_VALUE, 2, Long.MIN_VALUE, 4);
    Tensor moved =
        OneOp.of(TensorOps.PERMUTE).with("order", Attribute.longs(1, 0)).run(longs);
    assertThat(moved.getLong(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(moved.getLong(1)).isEqualTo(Long.MIN_VALUE);
    Tensor truth = Tensor.zeros(ScalarType.I1, List.of(3L));
    truth.set(1, 1);
    assertThat(OneOp.of(TensorOps.REPEAT)
            .with("times", Attribute.of(2L))
            .run(truth)
            .floats())
        .containsExactly(0, 1, 0, 0, 1, 0);
  }

  @Test
  void aReshapeKeepsTheRowMajorOrder() {
    Tensor x = OneOp.random(random, 2, 3, 4);
    Tensor y =
        OneOp.of(TensorOps.RESHAPE).giving(TensorType.of(ScalarType.F32, 6, 4)).run(x);
    assertThat(y.sizes()).containsExactly(6L, 4L);
    assertThat(y.floats()).containsExactly(x.floats());
  }

  /** Model sections 3.5 and 3.7: patches of (1, 2, 2) out of a padded frame, and the way back. */
  @Test
  void patchesAreCutAndPutBackByReshapeAndPermute() {
    int channels = 2;
    int rows = 3;
    int columns = 2;
    Tensor x = OneOp.random(random, 1, channels, 1, 2 * rows, 2 * columns);
    Tensor split = OneOp.of(TensorOps.RESHAPE)
        .giving(TensorType.of(ScalarType.F32, 1, channels, 1, rows, 2, columns, 2))
        .run(x);
    Tensor turned = OneOp.of(TensorOps.PERMUTE)
        .with("order", Attribute.longs(0, 2, 3, 5, 1, 4, 6))
        .run(split);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int c = 0; c < channels; c++) {
          for (int kh = 0; kh < 2; kh++) {
            for (int kw = 0; kw < 2; kw++) {
              int patch = (i * columns + j) * channels * 4 + c * 4 + kh * 2 + kw;
              int pixel = (c * 2 * rows + 2 * i + kh) * 2 * columns + 2 * j + kw;
              assertThat(turned.get(patch)).isEqualTo(x.get(pixel));
            }
          }
        }
      }
    }
    Tensor back = OneOp.of(TensorOps.PERMUTE)
        .with("order", Attribute.longs(0, 4, 1, 2, 5, 3, 6))
        .run(turned);
    assertThat(back.floats()).containsExactly(x.floats());
  }
}
