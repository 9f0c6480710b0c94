package org.quantcache.tools.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/** How far two tensors are from each other. */
class DistanceTest {
  private static Tensor tensor(float... values) {
    return Tensor.of(List.of((long) values.length), values);
  }

  @Test
  void isTheNormOfTheDifferenceOverThatOfTheReference() {
    Distance distance = Distance.between(tensor(3, 4), tensor(3, 4.5f));
    assertThat(distance.relativeL2()).isEqualTo(0.1);
    assertThat(distance.maxError()).isEqualTo(0.5);
    assertThat(distance.sqnrDb()).isCloseTo(20, within(1e-9));
    assertThat(distance.elements()).isEqualTo(2);
  }

  @Test
  void equalTensorsAreInfinitelyNearEvenWhenTheyAreZero() {
    assertThat(Distance.between(tensor(0, 0), tensor(0, 0)))
        .isEqualTo(new Distance(2, 0, 0, Double.POSITIVE_INFINITY));
  }

  @Test
  void nothingIsNearAReferenceOfZerosButZeros() {
    Distance distance = Distance.between(tensor(0), tensor(1e-3f));
    assertThat(distance.isWithin(1e6)).isFalse();
    assertThat(distance.sqnrDb()).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void whatIsNotFiniteIsWithinNoTolerance() {
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThat(Distance.between(tensor(1, 1), tensor(1, odd)).isWithin(1e30)).isFalse();
      assertThat(Distance.between(tensor(1, odd), tensor(1, 1)).isWithin(1e30)).isFalse();
      assertThat(Distance.between(tensor(1, odd), tensor(1, 1)).rank())
          .isEqualTo(Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void oneHalfStandsForBoth() {
    assertThat(Distance.between(tensor(1, 2, 1, 2), tensor(1, 2)).relativeL2()).isZero();
    assertThat(Distance.between(tensor(1, 2), tensor(1, 2, 1, 3)).maxError()).isEqualTo(1);
    assertThatThrownBy(() -> Distance.between(tensor(1, 2, 3), tensor(1, 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void elementKindsMayDiffer() {
    Tensor half = tensor(1, 2, 3).as(ScalarType.F16);
    assertThat(Distance.between(tensor(1, 2, 3), half).relativeL2()).isZero();
  }
}
