package org.quantcache.tools;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.quantcache.importers.checkpoint.CheckpointLayout;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/**
 * A checkpoint made by a formula, so that expectations need no file: element i of the tensor of rank r among the
 * sorted keys comes from {@link #noise}. It holds no rotation frequencies and no null text.
 */
final class GeneratedWeights implements WeightStore {
  private final Map<String, List<Long>> shapes;
  private final List<String> sorted;

  GeneratedWeights(StditConfig config) {
    Map<String, List<Long>> all =
        new LinkedHashMap<>(CheckpointLayout.of(config).shapes());
    all.remove(CheckpointLayout.ROPE_FREQUENCIES);
    all.remove("y_embedder.y_embedding");
    this.shapes = all;
    this.sorted = new ArrayList<>(new TreeSet<>(all.keySet()));
  }

  /** Uniform in [-0.5, 0.5): a hash of element and tensor. */
  static double noise(int element, int tensor) {
    int u = element * (int) 2654435761L + tensor * 668265263 + 374761393;
    u ^= u >>> 15;
    u *= (int) 2246822519L;
    u ^= u >>> 13;
    u *= (int) 3266489917L;
    u ^= u >>> 16;
    return (u & 0xffffffffL) / 4294967296.0 - 0.5;
  }

  @Override
  public Set<String> keys() {
    return shapes.keySet();
  }

  @Override
  public Optional<TensorData> find(String key) {
    return Optional.ofNullable(shapes.get(key)).map(shape -> new Generated(key, shape));
  }

  @Override
  public void close() {}

  private double value(String key, List<Long> shape, int element) {
    double noise = noise(element, sorted.indexOf(key));
    if (!key.endsWith("weight")) {
      return 0.2 * noise;
    }
    if (key.endsWith("_norm.weight")) {
      return 1 + 0.2 * noise;
    }
    long fanIn = shape.stream().skip(1).reduce(1L, Math::multiplyExact);
    return noise * 3 / Math.sqrt(fanIn);
  }

  private final class Generated implements TensorData {
    private final TensorInfo info;

    Generated(String key, List<Long> shape) {
      long elements = shape.stream().reduce(1L, Math::multiplyExact);
      this.info = new TensorInfo(key, StoredType.F32, shape, 0, 4 * elements);
    }

    @Override
    public TensorInfo info() {
      return info;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = (int) (offset / 4); out.hasRemaining(); i++) {
        out.putFloat((float) value(info.name(), info.shape(), i));
      }
      return out.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
