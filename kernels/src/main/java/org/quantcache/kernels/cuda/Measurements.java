package org.quantcache.kernels.cuda;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What kernels measured, on its way to those who decide by it. It lies in memory of its own meanwhile, so that Java may
 * write other values to its place. The owner closes it.
 */
final class Measurements implements AutoCloseable {
  /** One for each measurement between two decisions, used again and again. */
  private final List<HostMemory> memories = new ArrayList<>();

  private final List<Pending> pending = new ArrayList<>();
  private final CudaEvent arrived = CudaEvent.forWaiting();

  private record Pending(FloatBuffer values, Consumer<FloatBuffer> reader) {}

  /** Copies a measurement from the device later. */
  void add(
      DeviceMemory from, long offset, long bytes, Consumer<FloatBuffer> reader, CudaStream stream) {
    HostMemory memory = memory(pending.size(), bytes);
    stream.download(from, offset, memory, 0, bytes);
    arrived.record(stream);
    pending.add(new Pending(memory.view(0, bytes).asFloatBuffer(), reader));
  }

  private HostMemory memory(int index, long bytes) {
    if (index == memories.size()) {
      memories.add(new HostMemory(bytes));
    } else if (memories.get(index).bytes() < bytes) {
      memories.get(index).close();
      memories.set(index, new HostMemory(bytes));
    }
    return memories.get(index);
  }

  /** Waits for the measurements and hands them to their readers, in the order in which they were made. */
  void take() {
    if (pending.isEmpty()) {
      return;
    }
    // The last one arrives last.
    arrived.synchronize();
    List<Pending> all = List.copyOf(pending);
    pending.clear();
    all.forEach(one -> one.reader().accept(one.values()));
  }

  /** Forgets measurements that nobody took; none is under way. */
  void drop() {
    pending.clear();
  }

  @Override
  public void close() {
    memories.forEach(HostMemory::close);
    arrived.close();
  }
}
