package org.quantcache.tools.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.tensor.Tensor;

/** Weights that follow from their keys, so that programs need no file: the same ones each time. */
final class SeededWeights implements WeightStore {
  /** Keys of square weights with ones on the diagonal start like this. */
  static final String IDENTITY = "identity_";

  private final Map<String, TensorData> tensors = new TreeMap<>();

  /** Those that the definitions of a module name. */
  SeededWeights(IrModule module) {
    for (Operation global : module.globals()) {
      Attributes definition = global.attributes();
      if (definition.word("part", "values").equals("values")) {
        String key = definition.string("key");
        tensors.put(
            key,
            new Stored(
                key,
                definition.type("type").dims().stream().map(Dim::coefficient).toList()));
      }
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

  private static final class Stored implements TensorData {
    private final TensorInfo info;
    private final ByteBuffer data;

    Stored(String key, List<Long> sizes) {
      int count = Math.toIntExact(Tensor.elements(sizes));
      data = ByteBuffer.allocate(Float.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
      Random random = new Random(key.hashCode());
      for (int i = 0; i < count; i++) {
        data.putFloat(
            Float.BYTES * i,
            key.startsWith(IDENTITY)
                ? i % (sizes.get(1) + 1) == 0 ? 1 : 0
                // Sixteenths are exact in every element kind.
                : Math.round(random.nextGaussian() * 5) / 16f);
      }
      info = new TensorInfo(key, StoredType.F32, sizes, 0, data.capacity());
    }

    @Override
    public TensorInfo info() {
      return info;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
