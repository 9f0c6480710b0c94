package org.quantcache.passes.memory;

/** Memory that one or several values share, one after the other; positions count operations in program order. */
final class Slot {
  final long bytes;
  int start;
  int end;
  long offset = -1;

  Slot(long bytes, int start) {
    this.bytes = bytes;
    this.start = start;
    this.end = start;
  }

  boolean overlapsInTime(Slot other) {
    return start <= other.end && other.start <= end;
  }

  boolean overlapsInMemory(Slot other) {
    return offset < other.offset + other.bytes && other.offset < offset + bytes;
  }
}
