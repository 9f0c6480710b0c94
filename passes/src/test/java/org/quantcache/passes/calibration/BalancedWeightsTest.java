package org.quantcache.passes.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/** Balances of a checkpoint: what a weight's columns take, its input gives. */
class BalancedWeightsTest {
  /** Columns whose largest magnitudes are 4, 1, 0. */
  private static final float[] MATRIX = {-4, 1, 0, 2, -0.5f, 0};

  private static WeightStore balanced(Double... largest) {
    return new BalancedWeights(new Store(), key -> List.of(largest));
  }

  private static float[] read(WeightStore store, String key) {
    float[] out = new float[3];
    store.find(key).orElseThrow().readFloats(0, out, 3);
    return out;
  }

  @Test
  void factorsAndTheirInversesCancelOut() {
    WeightStore store = balanced(16.0, 0.0, 5.0);
    float[] factors = read(store, BalancedWeights.factors("w", 0.5));
    float[] inverses = read(store, BalancedWeights.inverse("w", 0.5));
    assertThat(factors[0]).isCloseTo(2, within(1e-6f));
    assertThat(inverses[0]).isCloseTo(0.5f, within(1e-6f));
    assertThat(factors[1]).as("of a channel that is always zero").isEqualTo(1);
    assertThat(factors[2]).as("of a channel that nobody reads").isEqualTo(1);
    assertThat(read(store, BalancedWeights.factors("w", 0.75))[0])
        .isCloseTo((float) (Math.pow(16, 0.75) / Math.pow(4, 0.25)), within(1e-5f));
  }

  @Test
  void theCheckpointStaysAsItIs() {
    WeightStore store = balanced(1.0, 1.0, 1.0);
    assertThat(store.keys()).containsExactly("w");
    assertThat(store.find("v#balance=0.5")).isEmpty();
    assertThat(store.find("w#else=0.5")).isEmpty();
    assertThat(store.find("w").orElseThrow().info().shape()).containsExactly(2L, 3L);
  }

  @Test
  void aCalibrationOfOtherSizesIsRefused() {
    WeightStore store = balanced(1.0, 1.0);
    assertThatThrownBy(() -> store.find("w#balance=0.5"))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("PA0704"));
  }

  private static final class Store implements WeightStore {
    @Override
    public Set<String> keys() {
      return Set.of("w");
    }

    @Override
    public Optional<TensorData> find(String key) {
      return key.equals("w") ? Optional.of(new Data()) : Optional.empty();
    }

    @Override
    public void close() {}
  }

  private static final class Data implements TensorData {
    @Override
    public TensorInfo info() {
      return new TensorInfo("w", StoredType.F32, List.of(2L, 3L), 0, 24);
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      ByteBuffer all = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      all.asFloatBuffer().put(MATRIX);
      return all.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
