package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;

/** Weights on the device: one piece of memory, filled once. The owner closes it. */
final class CudaWeights implements AutoCloseable {
  /** Where a weight starts: enough for every copy that kernels make. */
  private static final int ALIGNMENT = 256;

  private static final int CHUNK_BYTES = 1 << 24;

  private final WeightStore store;
  private final DeviceMemory memory;
  private final Map<String, Long> offsets = new LinkedHashMap<>();

  /** @param store becomes this object's. @throws UserError RT0506 */
  CudaWeights(CudaDevice device, WeightStore store) {
    this.store = store;
    long bytes = 0;
    for (String name : store.keys()) {
      offsets.put(name, bytes);
      bytes += aligned(find(name).info().bytes());
    }
    this.memory = new DeviceMemory(
        device, Math.max(1, bytes), "weights", "round more weights, as --preset fast does");
    try {
      offsets.forEach(this::upload);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** Memory that they take. */
  static long bytes(WeightStore store) {
    return store.keys().stream()
        .mapToLong(name -> aligned(store.find(name).orElseThrow().info().bytes()))
        .sum();
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private TensorData find(String name) {
    return store
        .find(name)
        .orElseThrow(() -> UserError.of("RT0105", "the artifact holds no weight '%s'", name));
  }

  private void upload(String name, long offset) {
    TensorData data = find(name);
    for (long at = 0; at < data.info().bytes(); at += CHUNK_BYTES) {
      int length = (int) Math.min(CHUNK_BYTES, data.info().bytes() - at);
      memory.upload(offset + at, direct(data.bytes(at, length), length));
    }
  }

  private static ByteBuffer direct(ByteBuffer bytes, int length) {
    return bytes.isDirect()
        ? bytes
        : ByteBuffer.allocateDirect(length).put(bytes).rewind();
  }

  /** Address of the first element. @throws UserError RT0105 when there is no such weight */
  long address(String name) {
    find(name);
    return memory.address() + offsets.get(name);
  }

  /** View of the elements, on the host. */
  ByteBuffer view(String name) {
    TensorData data = find(name);
    return data.bytes(0, Math.toIntExact(data.info().bytes())).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    memory.close();
    store.close();
  }
}
