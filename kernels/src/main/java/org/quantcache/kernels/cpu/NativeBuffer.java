package org.quantcache.kernels.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/**
 * Zeroed memory outside of the heap, aligned to a cache line, of any size. Pages that are never touched take no
 * memory. The owner closes it; whatever points into it must not be used afterwards.
 */
public final class NativeBuffer implements AutoCloseable {
  /** Alignment of the first byte. */
  public static final int ALIGNMENT = 64;

  private final Pointer block;
  private final long address;
  private final long bytes;
  private boolean closed;

  /** @throws UserError RT0411 when the system has not that much memory */
  public NativeBuffer(long bytes) {
    TvmNatives.load(NativeMode.RUNTIME);
    this.bytes = bytes;
    this.block = Pointer.calloc(1, bytes + ALIGNMENT);
    if (block == null || block.isNull()) {
      throw UserError.of("RT0411", "cannot take %d MiB of memory", bytes >> 20)
          .withHint("use smaller sizes, or close other programs");
    }
    this.address = (block.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Address of the first byte. */
  public long address() {
    return address;
  }

  public long bytes() {
    return bytes;
  }

  /** A little-endian view of a part below 2 GiB. It must not outlive this buffer. */
  public ByteBuffer view(long offset, long length) {
    requireInside(offset, length);
    if (length > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException(length + " bytes are too many for one view");
    }
    return new At(address + offset, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Fills a part with zeros. */
  public void zero(long offset, long length) {
    requireInside(offset, length);
    Pointer.memset(new At(address + offset, length), 0, length);
  }

  private void requireInside(long offset, long length) {
    if (closed || offset < 0 || length < 0 || offset > bytes - length) {
      throw new IndexOutOfBoundsException(length + " bytes from " + offset + " of " + bytes);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Pointer.free(block);
    }
  }

  /** A pointer to memory that it does not own. */
  private static final class At extends BytePointer {
    At(long address, long length) {
      super((Pointer) null);
      this.address = address;
      this.limit = length;
      this.capacity = length;
    }
  }
}
