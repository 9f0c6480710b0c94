package org.quantcache.passes.memory;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StructureOps;

/**
 * Memory that a module needs however it is planned, symbolic sizes at their bounds.
 *
 * @param weightBytes of all weights that are defined
 * @param peakBytes by function: most bytes of values that are alive at one time
 */
public record Footprint(long weightBytes, Map<String, Long> peakBytes) {
  public Footprint {
    peakBytes = ImmutableMap.copyOf(peakBytes);
  }

  /** Adds up the module as it stands. */
  public static Footprint of(IrModule module) {
    long weights = 0;
    for (Operation global : module.globals()) {
      if (global.is(StructureOps.WEIGHT_DEF)) {
        weights = Math.addExact(weights, global.attributes().type("type").bytes(module::bound));
      }
    }
    Map<String, Long> peaks = new LinkedHashMap<>();
    module.functions().forEach(function -> peaks.put(function.name(), peak(module, function)));
    return new Footprint(weights, peaks);
  }

  private static long peak(IrModule module, Function function) {
    Map<Integer, Long> changes = new TreeMap<>();
    for (Slot slot : Lifetimes.of(module, function, op -> false).slots()) {
      changes.merge(slot.start, slot.bytes, Long::sum);
      changes.merge(slot.end + 1, -slot.bytes, Long::sum);
    }
    long alive = 0;
    long most = 0;
    for (long change : changes.values()) {
      alive += change;
      most = Math.max(most, alive);
    }
    return most;
  }
}
