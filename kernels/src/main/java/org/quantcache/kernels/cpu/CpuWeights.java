package org.quantcache.kernels.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;

/**
 * Addresses of weights. A weight is used where it is mapped; one that starts at an odd address for its element kind, or
 * that is larger than a mapping, is copied.
 */
final class CpuWeights implements AutoCloseable {
  private static final long MAX_MAPPED_BYTES = 1L << 30;
  private static final int CHUNK_BYTES = 1 << 24;

  private final WeightStore store;
  private final Map<String, ByteBuffer> mapped = new LinkedHashMap<>();
  private final Map<String, NativeBuffer> copied = new LinkedHashMap<>();
  private final Map<String, NativeBuffer> replaced = new LinkedHashMap<>();

  CpuWeights(WeightStore store) {
    this.store = store;
  }

  /** Address of the first element. @throws UserError RT0105 when there is no such weight */
  long address(String name) {
    if (replaced.containsKey(name)) {
      return replaced.get(name).address();
    }
    if (copied.containsKey(name)) {
      return copied.get(name).address();
    }
    TensorData data = store
        .find(name)
        .orElseThrow(() -> UserError.of("RT0105", "the artifact holds no weight '%s'", name));
    if (data.info().bytes() <= MAX_MAPPED_BYTES) {
      ByteBuffer view =
          mapped.computeIfAbsent(name, n -> data.bytes(0, (int) data.info().bytes()));
      long address = view.capacity() == 0 ? 0 : new Pointer(view).address();
      if (address % data.info().type().bytes() == 0) {
        return address;
      }
    }
    return copied.computeIfAbsent(name, n -> copy(data)).address();
  }

  /** View of the elements. */
  ByteBuffer view(String name) {
    if (replaced.containsKey(name)) {
      NativeBuffer other = replaced.get(name);
      return other.view(0, other.bytes());
    }
    TensorData data = store
        .find(name)
        .orElseThrow(() -> UserError.of("RT0105", "the artifact holds no weight '%s'", name));
    return data.bytes(0, Math.toIntExact(data.info().bytes())).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Puts other elements in the place of a weight for those who ask for its address from now on. */
  void replace(String name, ByteBuffer elements) {
    long bytes = store
        .find(name)
        .orElseThrow(() -> UserError.of("RT0105", "the artifact holds no weight '%s'", name))
        .info()
        .bytes();
    if (elements.remaining() != bytes) {
      throw new IllegalArgumentException(
          elements.remaining() + " bytes do not replace the " + bytes + " of '" + name + "'");
    }
    restore(name);
    NativeBuffer other = new NativeBuffer(bytes);
    other.view(0, bytes).put(elements.duplicate());
    replaced.put(name, other);
  }

  /** Takes a replacement away. */
  void restore(String name) {
    if (replaced.containsKey(name)) {
      replaced.remove(name).close();
    }
  }

  private static NativeBuffer copy(TensorData data) {
    NativeBuffer out = new NativeBuffer(data.info().bytes());
    for (long at = 0; at < data.info().bytes(); at += CHUNK_BYTES) {
      int length = (int) Math.min(CHUNK_BYTES, data.info().bytes() - at);
      out.view(at, length).put(data.bytes(at, length));
    }
    return out;
  }

  @Override
  public void close() {
    copied.values().forEach(NativeBuffer::close);
    copied.clear();
    replaced.values().forEach(NativeBuffer::close);
    replaced.clear();
    mapped.clear();
    store.close();
  }
}
