package org.quantcache.passes.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/** Numbers for every weight that a module defines, the same ones for the same key. */
final class SeededWeights implements WeightStore {
  private final Map<String, TensorData> tensors = new TreeMap<>();

  SeededWeights(IrModule module) {
    module.globals().forEach(global -> {
      Attributes definition = global.attributes();
      if (!definition.word("part", "values").equals("values")) {
        // The definition of the values, beside it, says how large the stored tensor is.
        return;
      }
      List<Long> shape = shape(definition);
      ElementType element = definition.type("type").element();
      put(definition.string("key"), shape, element);
      if (definition.has("columns")) {
        put(definition.string("columns"), shape.subList(1, 2), element);
      }
      if (definition.has("outputs")) {
        put(definition.string("outputs"), shape.subList(0, 1), element);
      }
    });
  }

  private void put(String name, List<Long> shape, ElementType element) {
    tensors.computeIfAbsent(name, key -> new Seeded(key, shape, element));
  }

  /** Sizes of the stored tensor: those of the type, or more rows where the definition chooses among them. */
  private static List<Long> shape(Attributes definition) {
    TensorType type = definition.type("type");
    List<Long> shape =
        new ArrayList<>(type.dims().stream().map(Dim::coefficient).toList());
    if (definition.has("rows")) {
      shape.set(
          0,
          1 + definition.longs("rows").stream().mapToLong(Long::longValue).max().orElseThrow());
    }
    return shape;
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

  private record Seeded(TensorInfo info, ByteBuffer data) implements TensorData {
    Seeded(String key, List<Long> shape, ElementType element) {
      this(info(key, shape), data(key, shape, element));
    }

    private static TensorInfo info(String key, List<Long> shape) {
      long elements = shape.stream().reduce(1L, Math::multiplyExact);
      return new TensorInfo(key, StoredType.F32, shape, 0, 4 * elements);
    }

    /** Rounded to what the checkpoint would hold; the test then reads it without loss. */
    private static ByteBuffer data(String key, List<Long> shape, ElementType element) {
      ByteBuffer out = ByteBuffer.allocate(
              Math.toIntExact(4 * shape.stream().reduce(1L, Math::multiplyExact)))
          .order(ByteOrder.LITTLE_ENDIAN);
      Random random = new Random(key.hashCode());
      while (out.hasRemaining()) {
        float value = (float) random.nextGaussian();
        out.putFloat(
            element == ScalarType.F16 ? HalfFloats.fromHalf(HalfFloats.toHalf(value)) : value);
      }
      return out;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
