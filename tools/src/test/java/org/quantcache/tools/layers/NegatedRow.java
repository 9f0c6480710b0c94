package org.quantcache.tools.layers;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/**
 * Weights of which one row has another sign.
 *
 * @param name of the weight, f32 rows
 */
record NegatedRow(WeightStore weights, String name, int row) implements WeightStore {
  @Override
  public Set<String> keys() {
    return weights.keys();
  }

  @Override
  public Optional<TensorData> find(String key) {
    return weights.find(key).map(data -> key.equals(name) ? negated(data) : data);
  }

  private TensorData negated(TensorData data) {
    long rowBytes = data.info().bytes() / data.info().shape().get(0);
    return new TensorData() {
      @Override
      public TensorInfo info() {
        return data.info();
      }

      @Override
      public ByteBuffer bytes(long offset, int length) {
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(data.bytes(offset, length)).rewind();
        for (int at = 0; at < length; at += Float.BYTES) {
          if ((offset + at) / rowBytes == row) {
            out.putFloat(at, -out.getFloat(at));
          }
        }
        return out;
      }
    };
  }

  @Override
  public void close() {
    weights.close();
  }
}
