package org.quantcache.tools.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.quant.WeightRecipe;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.RoundedWeight;

/** What is measured of a product is what rounding its weight really does to its output. */
class LayerStudyTest {
  private static final int OUTPUTS = 24;
  private static final int INPUTS = 64;
  private static final int ROWS = 40;

  private final Random random = new Random(3);
  private final float[] matrix = new float[OUTPUTS * INPUTS];
  private final InputSample.Layer layer = new InputSample.Layer(INPUTS);
  private final WeightStore checkpoint = new OneMatrix("w", matrix, OUTPUTS, INPUTS);

  LayerStudyTest() {
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = (float) random.nextGaussian();
    }
    for (int r = 0; r < ROWS; r++) {
      float[] row = new float[INPUTS];
      for (int k = 0; k < INPUTS; k++) {
        // One channel stands out, as in real activations; one is never used.
        double size = k == 5 ? 30 : k == 9 ? 0 : 1;
        row[k] = (float) (size * (0.5 + random.nextGaussian()));
        layer.largest[k] = Math.max(layer.largest[k], Math.abs(row[k]));
      }
      layer.rows.add(row);
    }
  }

  private List<Basis> bases() {
    return new LayerStudy("w", balanced(), layer).bases();
  }

  private WeightStore balanced() {
    List<Double> largest = new ArrayList<>();
    for (float value : layer.largest) {
      largest.add((double) value);
    }
    return new BalancedWeights(checkpoint, key -> largest);
  }

  @Test
  void everyBasisIsMeasuredWithEveryWidthAndGroup() {
    List<Basis> bases = bases();
    assertThat(bases).hasSize(2 * Basis.BALANCES.size());
    for (Basis basis : bases) {
      assertThat(basis.weights().stream().map(w -> w.bits() + "/" + w.group()))
          .containsExactly("4/0", "4/32", "6/0", "6/32", "8/0", "8/32");
      assertThat(basis.activations().get(0))
          .isGreaterThan(10 * basis.activations().get(1));
      assertThat(basis.activations().get(1))
          .isGreaterThan(10 * basis.activations().get(2));
      for (int width = 0; width < 2; width++) {
        double few = basis.weights().get(2 * width).error();
        assertThat(few).isGreaterThan(8 * basis.weights().get(2 * width + 2).error());
      }
    }
  }

  @Test
  void errorsAreThoseOfTheOutput() {
    RoundedWeight measured = bases().get(0).weights().get(1);
    WeightRecipe recipe = WeightRecipe.of(
        LayerStudy.recipe("w", OUTPUTS, INPUTS, 4, 32, measured.clip(), false), checkpoint::find);
    double error = 0;
    double size = 0;
    byte[] values = new byte[INPUTS];
    float[] scales = new float[2];
    for (int n = 0; n < OUTPUTS; n++) {
      recipe.quantized(n, values, scales, new int[2]);
      for (float[] row : layer.rows) {
        double exact = 0;
        double rounded = 0;
        for (int k = 0; k < INPUTS; k++) {
          exact += row[k] * (double) matrix[n * INPUTS + k];
          rounded += row[k] * (double) values[k] * scales[k / 32];
        }
        error += (rounded - exact) * (rounded - exact);
        size += exact * exact;
      }
    }
    assertThat(measured.error()).isCloseTo(error / size, within(1e-4 * error / size));
  }

  @Test
  void aChannelThatStandsOutCallsForBalanceOrRotation() {
    List<Basis> bases = bases();
    double plain = bases.get(0).activationError(4);
    assertThat(bases.get(1).activationError(4)).isLessThan(plain / 2);
    assertThat(bases.get(4).balance()).isEqualTo(0.5);
    assertThat(bases.get(4).activationError(4)).isLessThan(plain / 2);
  }

  /** A checkpoint of one f32 matrix. */
  private record OneMatrix(String key, float[] values, long rows, long columns)
      implements WeightStore {
    @Override
    public Set<String> keys() {
      return Set.of(key);
    }

    @Override
    public Optional<TensorData> find(String name) {
      return name.equals(key) ? Optional.of(new Floats(this)) : Optional.empty();
    }

    @Override
    public void close() {}
  }

  private record Floats(OneMatrix matrix) implements TensorData {
    @Override
    public TensorInfo info() {
      return new TensorInfo(
          matrix.key(),
          StoredType.F32,
          List.of(matrix.rows(), matrix.columns()),
          0,
          4L * matrix.values().length);
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      ByteBuffer all =
          ByteBuffer.allocate(4 * matrix.values().length).order(ByteOrder.LITTLE_ENDIAN);
      all.asFloatBuffer().put(matrix.values());
      return all.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
