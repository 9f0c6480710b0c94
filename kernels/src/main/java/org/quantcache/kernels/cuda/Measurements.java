package org.quantcache.kernels.cuda;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What kernels measured, on its way to those who decide by it. Totals have places of their own, side by side on the device
 * and on the host, so that one copy brings all that were made since the last one. The owner closes it.
 */
final class Measurements implements AutoCloseable {
  /** Distance of two totals; none is longer. */
  static final int ROOM = 8 * Float.BYTES;

  private final CudaDevice device;
  private final CudaEvent arrived = CudaEvent.forWaiting();
  private final List<Pending> pending = new ArrayList<>();
  private Optional<Places> places = Optional.empty();

  /** How many of those that are pending are under way, or have arrived. */
  private int brought;

  private record Pending(int index, int width, Consumer<FloatBuffer> reader) {}

  private record Places(DeviceMemory device, HostMemory host) {
    void close() {
      device.close();
      host.close();
    }
  }

  /** @throws org.quantcache.ir.diagnostics.UserError RT0508 */
  Measurements(CudaDevice device) {
    this.device = device;
  }

  /**
   * Takes room for so many totals. Addresses of before are void when they were fewer.
   *
   * @throws org.quantcache.ir.diagnostics.UserError RT0506, RT0507
   */
  void takeRoomFor(int totals) {
    long bytes = (long) ROOM * totals;
    if (places.isPresent() && places.get().host().bytes() >= bytes) {
      return;
    }
    freePlaces();
    DeviceMemory made = new DeviceMemory(device, bytes, "measurements", "measure less");
    try {
      places = Optional.of(new Places(made, new HostMemory(bytes)));
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private void freePlaces() {
    places.ifPresent(Places::close);
    places = Optional.empty();
  }

  /** Where total {@code index} lies on the device. */
  long address(int index) {
    return places.orElseThrow().device().address() + (long) ROOM * index;
  }

  /**
   * The next kernel leaves a total.
   *
   * @param width numbers of it
   */
  void add(int index, int width, Consumer<FloatBuffer> reader, CudaStream stream) {
    boolean isWritten = pending.stream().anyMatch(one -> one.index() == index);
    if (isWritten) {
      // Nobody has decided by the one of before, which must be read before another takes its place.
      take(stream);
    }
    pending.add(new Pending(index, width, reader));
  }

  /** Copies what was measured since the last copy from the device later. */
  void bring(CudaStream stream) {
    List<Pending> left = pending.subList(brought, pending.size());
    if (left.isEmpty()) {
      return;
    }
    int first = left.stream().mapToInt(Pending::index).min().getAsInt();
    int last = left.stream().mapToInt(Pending::index).max().getAsInt();
    Places at = places.orElseThrow();
    long offset = (long) ROOM * first;
    long bytes = (long) ROOM * (last + 1 - first);
    stream.download(at.device(), offset, at.host(), offset, bytes);
    arrived.record(stream);
    brought = pending.size();
  }

  /** Waits for the measurements and hands them to their readers, in the order in which they were made. */
  void take(CudaStream stream) {
    if (pending.isEmpty()) {
      return;
    }
    bring(stream);
    // The last copy arrives last.
    arrived.synchronize();
    List<Pending> all = List.copyOf(pending);
    drop();
    all.forEach(one -> one.reader().accept(values(one)));
  }

  private FloatBuffer values(Pending one) {
    long offset = (long) ROOM * one.index();
    return places
        .orElseThrow()
        .host()
        .view(offset, (long) one.width() * Float.BYTES)
        .asFloatBuffer();
  }

  /** Forgets measurements that nobody took; none is under way. */
  void drop() {
    pending.clear();
    brought = 0;
  }

  @Override
  public void close() {
    freePlaces();
    arrived.close();
  }
}
