package org.quantcache.kernels.cuda;

/**
 * Memory from which small values travel to the device while Java writes the next ones where they were. A part of it
 * belongs to each step that may be under way, and is written again when that step is over. Copies from memory that the
 * system may move would not do: the driver may wait for the stream before it stages them itself. The owner closes it.
 */
final class StagedUploads implements AutoCloseable {
  private static final int PART_BYTES = 64 << 10;
  private static final int ALIGNMENT = 8;

  private final HostMemory memory = new HostMemory(StepPace.STEPS * (long) PART_BYTES);
  private int part;
  private int used;

  /** Copies a value to the device later; false when too little of the part of this step is left. */
  boolean send(
      HostMemory from,
      long fromOffset,
      DeviceMemory to,
      long toOffset,
      long bytes,
      CudaStream stream) {
    if (bytes > PART_BYTES - used) {
      return false;
    }
    long at = (long) part * PART_BYTES + used;
    memory.view(at, bytes).put(from.view(fromOffset, bytes));
    stream.upload(memory, at, to, toOffset, bytes);
    used += (int) ((bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return true;
  }

  /** Goes on to the part of the next step, which no copy needs any more. */
  void nextStep() {
    part = (part + 1) % StepPace.STEPS;
    used = 0;
  }

  @Override
  public void close() {
    memory.close();
  }
}
