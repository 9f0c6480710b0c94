package org.quantcache.passes.memory;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;

/** Memory that one or several values share, one after the other; positions count operations in program order. */
final class Slot {
  final List<Value> values = new ArrayList<>();
  final long bytes;
  int start;
  int end;
  long offset = -1;

  Slot(long bytes, int start) {
    this.bytes = bytes;
    this.start = start;
    this.end = start;
  }

  /** Where the first of its values comes from. */
  Location location() {
    Value first = values.get(0);
    return first
        .definingOperation()
        .map(Operation::location)
        .orElseGet(() -> Location.of(first.nameHint()));
  }

  boolean overlapsInTime(Slot other) {
    return start <= other.end && other.start <= end;
  }

  boolean overlapsInMemory(Slot other) {
    return offset < other.offset + other.bytes && other.offset < offset + bytes;
  }
}
