package org.quantcache.passes.calibration;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/**
 * A checkpoint together with the balance of its products: for a weight {@code w} tensor {@code w#balance=0.5} holds
 * {@code s_c = a_c^alpha / w_c^(1 - alpha)} for each input channel (method section 2; SmoothQuant, Xiao et al. 2022,
 * eq. 4), {@code w#unbalance=0.5} holds {@code 1 / s_c}; a_c is the largest magnitude of the channel in the
 * calibration, w_c that of the weight's column.
 */
public final class BalancedWeights implements WeightStore {
  private static final Pattern NAME = Pattern.compile("(.+)#(un)?balance=([0-9.]+)");

  /** Beyond it f32 would lose what such a channel holds. */
  private static final double MOST = 1e6;

  private final WeightStore weights;
  private final Function<String, List<Double>> largest;
  private final Map<String, TensorData> made = new ConcurrentHashMap<>();

  /**
   * Adds balances to a checkpoint.
   *
   * @param largest magnitudes of the input channels by the key of the weight; empty when they are not known
   */
  public BalancedWeights(WeightStore weights, Function<String, List<Double>> largest) {
    this.weights = weights;
    this.largest = largest;
  }

  /** Adds the balances that a calibration knows of. */
  public static WeightStore of(WeightStore weights, Optional<Calibration> calibration) {
    Optional<Rounding> rounding = calibration.flatMap(Calibration::rounding);
    return new BalancedWeights(
        weights,
        key -> rounding.flatMap(r -> r.find(key)).map(LayerRounding::largest).orElse(List.of()));
  }

  /** Name of the factors that a weight's columns are multiplied by. */
  public static String factors(String key, double balance) {
    return key + "#balance=" + balance;
  }

  /** Name of the factors that the input of the product is multiplied by. */
  public static String inverse(String key, double balance) {
    return key + "#unbalance=" + balance;
  }

  /** Whether a key names factors that are made here, not a tensor of a checkpoint. */
  public static boolean isBalance(String key) {
    return NAME.matcher(key).matches();
  }

  /** Keys of the checkpoint; what is made from them is found but not listed. */
  @Override
  public Set<String> keys() {
    return weights.keys();
  }

  @Override
  public Optional<TensorData> find(String key) {
    Optional<TensorData> stored = weights.find(key);
    Matcher name = NAME.matcher(key);
    if (stored.isPresent() || !name.matches() || weights.find(name.group(1)).isEmpty()) {
      return stored;
    }
    return Optional.of(made.computeIfAbsent(
        key,
        k -> make(k, name.group(1), name.group(2) != null, Double.parseDouble(name.group(3)))));
  }

  private TensorData make(String name, String key, boolean inverse, double alpha) {
    float[] columns = columns(weights.find(key).orElseThrow());
    List<Double> inputs = largest.apply(key);
    if (inputs.size() != columns.length) {
      throw UserError.of(
              "PA0704",
              "the calibration holds %d channels of '%s', the weight has %d",
              inputs.size(),
              key,
              columns.length)
          .withHint("calibrate the model again: qcc calibrate MODEL_DIR -o FILE");
    }
    ByteBuffer out = ByteBuffer.allocate(4 * columns.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int c = 0; c < columns.length; c++) {
      double factor = Math.pow(inputs.get(c), alpha) / Math.pow(columns[c], 1 - alpha);
      // A channel that is always zero, or that nobody reads, needs no balance.
      boolean known = factor > 1 / MOST && factor < MOST;
      out.putFloat((float) (!known ? 1 : inverse ? 1 / factor : factor));
    }
    long channels = columns.length;
    TensorInfo info = new TensorInfo(name, StoredType.F32, List.of(channels), 0, 4 * channels);
    return new Made(info, out);
  }

  /** Largest magnitude of each column of a matrix. */
  private static float[] columns(TensorData matrix) {
    long rows = matrix.info().shape().get(0);
    float[] row = new float[Math.toIntExact(matrix.info().elements() / rows)];
    float[] out = new float[row.length];
    for (long n = 0; n < rows; n++) {
      matrix.readFloats(n * row.length, row, row.length);
      for (int c = 0; c < row.length; c++) {
        out[c] = Math.max(out[c], Math.abs(row[c]));
      }
    }
    return out;
  }

  @Override
  public void close() {
    weights.close();
  }

  private record Made(TensorInfo info, ByteBuffer data) implements TensorData {
    @Override
    public ByteBuffer bytes(long offset, int length) {
      return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
