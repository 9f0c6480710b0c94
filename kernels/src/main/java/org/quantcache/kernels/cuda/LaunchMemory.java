package org.quantcache.kernels.cuda;

import java.util.ArrayList;
import java.util.List;

/** Where launches keep their parameters: memory with known addresses, taken in large pieces. The owner closes it last. */
public final class LaunchMemory implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;
  private static final int ALIGNMENT = 8;

  private final List<HostMemory> pieces = new ArrayList<>();
  private int used = PIECE_BYTES;

  /** A part of a piece. */
  record Part(HostMemory memory, int offset) {}

  Part take(int bytes) {
    if (bytes > PIECE_BYTES - used) {
      pieces.add(new HostMemory(Math.max(bytes, PIECE_BYTES)));
      used = 0;
    }
    Part part = new Part(pieces.get(pieces.size() - 1), used);
    used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return part;
  }

  @Override
  public void close() {
    pieces.forEach(HostMemory::close);
    pieces.clear();
    used = PIECE_BYTES;
  }
}
