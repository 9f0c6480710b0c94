package org.quantcache.passes.execution;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.passes.calibration.BalancedWeights;

/**
 * Stand-ins for the weights that a module defines, where the checkpoint is not there: tensors of the same sizes, the same
 * numbers for the same key and seed. Every number has so few digits that each kind of float holds it exactly.
 */
public final class SeededWeights implements WeightStore {
  /** Numbers are multiples of a sixteenth of their scale. */
  private static final float GRID = 16;

  /** Vectors are added to what is about 1 in size, or multiply it. */
  private static final long VECTOR = 4;

  private final long seed;
  private final Map<String, List<Long>> shapes = new TreeMap<>();
  private final Map<String, TensorData> tensors = new ConcurrentHashMap<>();

  /** Stand-ins for the tensors of the checkpoint that definitions of {@code module} name. */
  public SeededWeights(IrModule module, long seed) {
    this.seed = seed;
    module.globals().forEach(global -> {
      Attributes definition = global.attributes();
      // The definition of the values, beside those of their scales and sums, says how large the
      // stored tensor is.
      if (definition.word("part", "values").equals("values")) {
        List<Long> shape = shape(definition);
        put(definition.string("key"), shape);
        if (definition.has("columns")) {
          put(definition.string("columns"), shape.subList(1, 2));
        }
        if (definition.has("outputs")) {
          put(definition.string("outputs"), shape.subList(0, 1));
        }
      }
    });
  }

  /** The same with balances of products, as if all channels of activations were of one size. */
  public static WeightStore balanced(IrModule module, long seed) {
    SeededWeights weights = new SeededWeights(module, seed);
    return new BalancedWeights(weights, key -> ones(weights.shapes.get(key)));
  }

  private static List<Double> ones(List<Long> shape) {
    long columns = shape.stream().skip(1).reduce(1L, Math::multiplyExact);
    return Collections.nCopies(Math.toIntExact(columns), 1.0);
  }

  /** The largest of several definitions of one key is nearest to what is stored. */
  private void put(String key, List<Long> shape) {
    if (!BalancedWeights.isBalance(key)) {
      shapes.merge(key, shape, (a, b) -> elements(a) >= elements(b) ? a : b);
    }
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

  private static long elements(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  @Override
  public Set<String> keys() {
    return shapes.keySet();
  }

  @Override
  public Optional<TensorData> find(String key) {
    return Optional.ofNullable(shapes.get(key))
        .map(shape ->
            tensors.computeIfAbsent(key, k -> new Seeded(info(k, shape), data(k, shape))));
  }

  @Override
  public void close() {}

  private static TensorInfo info(String key, List<Long> shape) {
    return new TensorInfo(key, StoredType.F32, shape, 0, Float.BYTES * elements(shape));
  }

  /** Rows of a matrix keep the size of what they multiply. */
  private ByteBuffer data(String key, List<Long> shape) {
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(Float.BYTES * elements(shape)))
        .order(ByteOrder.LITTLE_ENDIAN);
    float scale = Math.scalb(1f, -Math.getExponent(Math.sqrt(columns(shape))));
    Random random = new Random(seed * 31 + key.hashCode());
    while (out.hasRemaining()) {
      out.putFloat(Math.round(random.nextGaussian() * GRID) / GRID * scale);
    }
    return out;
  }

  /** How many a row of a matrix adds up, whatever axes of size 1 it has; of a vector, a few. */
  private static long columns(List<Long> shape) {
    long rows = shape.stream().filter(size -> size > 1).findFirst().orElse(1L);
    return elements(shape) == rows ? VECTOR : elements(shape) / rows;
  }

  private record Seeded(TensorInfo info, ByteBuffer data) implements TensorData {
    @Override
    public ByteBuffer bytes(long offset, int length) {
      return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
