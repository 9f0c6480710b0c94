package org.quantcache.kernels.quant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.kernels.quant.RowQuantizer.Grid;

class RowQuantizerTest {
  private static Grid requireHalfAStep(float[] x, int bits) {
    Grid grid = RowQuantizer.grid(x, 0, x.length, bits);
    assertThat(grid.step()).isGreaterThanOrEqualTo(RowQuantizer.LEAST_STEP).isFinite();
    double largest = 0;
    for (float v : x) {
      largest = Math.max(largest, Math.abs(v));
    }
    for (float v : x) {
      int value = grid.value(v);
      assertThat(value).isBetween(0, (1 << bits) - 1);
      // Beside half a step there is the rounding of f32.
      double allowed = 0.5001 * grid.step() + 4e-7 * largest;
      assertThat(Math.abs(grid.number(value) - v)).isLessThanOrEqualTo(allowed);
    }
    return grid;
  }

  @Test
  void roundingCostsAtMostHalfAStep() {
    Random random = new Random(2);
    for (int round = 0; round < 300; round++) {
      float[] x = new float[1 + random.nextInt(40)];
      double size = Math.pow(10, random.nextInt(60) - 30);
      double offset = random.nextInt(3) * size * random.nextGaussian();
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) (offset + size * random.nextGaussian());
      }
      requireHalfAStep(x, 2 + random.nextInt(7));
    }
  }

  @Test
  void theEndsOfARowAreTheEndsOfTheGrid() {
    Grid grid = RowQuantizer.grid(new float[] {9, -1, 0, 4, 9}, 1, 3, 8);
    assertThat(grid.least()).isEqualTo(-1);
    assertThat(grid.value(-1)).isZero();
    assertThat(grid.value(4)).isEqualTo(255);
  }

  @Test
  void halvesGoToTheEvenValue() {
    Grid grid = new Grid(1, 0, 15);
    assertThat(grid.value(0.5f)).isZero();
    assertThat(grid.value(1.5f)).isEqualTo(2);
    assertThat(grid.value(2.5f)).isEqualTo(2);
    assertThat(grid.value(99)).isEqualTo(15);
    assertThat(grid.value(-99)).isZero();
  }

  @Test
  void rowsOfEqualNumbersAreMetExactly() {
    for (float same : new float[] {0, -0f, 1, -7.25f, 1e38f, Float.MAX_VALUE, Float.MIN_VALUE}) {
      Grid grid = requireHalfAStep(new float[] {same, same, same}, 8);
      assertThat(grid.value(same)).isZero();
      assertThat((float) grid.number(0)).isEqualTo(same);
    }
    assertThat(RowQuantizer.grid(new float[0], 0, 0, 8).step()).isFinite();
  }

  @Test
  void tinyAndHugeRangesStayFinite() {
    requireHalfAStep(new float[] {Float.MIN_VALUE, 3 * Float.MIN_VALUE, 0}, 8);
    requireHalfAStep(new float[] {Float.MIN_NORMAL, -Float.MIN_NORMAL}, 4);
    requireHalfAStep(new float[] {0, Float.MAX_VALUE}, 8);
    Grid grid = RowQuantizer.grid(new float[] {-Float.MAX_VALUE, Float.MAX_VALUE}, 0, 2, 8);
    assertThat(grid.step()).isFinite();
    assertThat(grid.value(-Float.MAX_VALUE)).isZero();
    assertThat(grid.value(Float.MAX_VALUE)).isEqualTo(255);
  }
}
