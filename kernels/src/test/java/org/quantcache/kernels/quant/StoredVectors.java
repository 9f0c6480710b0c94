package org.quantcache.kernels.quant;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/** f32 tensors in memory, for tests. */
public final class StoredVectors implements WeightStore {
  private final Map<String, TensorData> tensors = new TreeMap<>();

  /** Adds a tensor. */
  public StoredVectors with(String key, float[] values, long... sizes) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    List<Long> shape = Arrays.stream(sizes).boxed().toList();
    tensors.put(
        key, new Stored(new TensorInfo(key, StoredType.F32, shape, 0, data.capacity()), data));
    return this;
  }

  private record Stored(TensorInfo info, ByteBuffer data) implements TensorData {
    @Override
    public ByteBuffer bytes(long offset, int length) {
      return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Override
  public Set<String> keys() {
    return tensors.keySet();
  }

  @Override
  public Optional<TensorData> find(String key) {
    return Optional.ofNullable(tensors.get(key));
  }

  @Override
  public void close() {}
}
