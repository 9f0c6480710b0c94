package org.quantcache.kernels.cpu;

import org.bytedeco.javacpp.Pointer;

/** A copy between two places outside of the heap, built once. The source may be one of equal rows. */
public final class MemoryCopy {
  private final At to;
  private final At from;
  private final long bytes;

  /** Copies {@code bytes} from one address to another. */
  public MemoryCopy(long to, long from, long bytes) {
    this.to = new At(to);
    this.from = new At(from);
    this.bytes = bytes;
  }

  /** Copies the bytes. */
  public void run() {
    Pointer.memcpy(to, from, bytes);
  }

  /** Copies row {@code row} of the source, rows of the copied size one after the other. */
  public void run(int row) {
    from.move(row * bytes);
    Pointer.memcpy(to, from, bytes);
  }

  private static final class At extends Pointer {
    private final long start;

    At(long address) {
      this.address = address;
      this.start = address;
    }

    void move(long offset) {
      this.address = start + offset;
    }
  }
}
