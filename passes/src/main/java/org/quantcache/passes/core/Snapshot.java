package org.quantcache.passes.core;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.TensorType;

/** The operations of a module at one moment, to see later what a rewrite did to them. */
final class Snapshot {
  private record Seen(
      List<Value> operands, Attributes attributes, List<TensorType> types, Region parent) {
    static Seen of(Operation op) {
      return new Seen(
          op.operands(),
          op.attributes(),
          op.results().stream().map(Value::type).toList(),
          op.parent());
    }
  }

  private final Map<Operation, Seen> seen = new IdentityHashMap<>();

  private Snapshot() {}

  static Snapshot of(IrModule module) {
    Snapshot out = new Snapshot();
    module.walk(op -> out.seen.put(op, Seen.of(op)));
    return out;
  }

  /** Operations that were made, moved, or changed in operands, attributes or types since then, in program order. */
  List<Operation> changed(IrModule module) {
    List<Operation> out = new ArrayList<>();
    module.walk(op -> {
      if (!Seen.of(op).equals(seen.get(op))) {
        out.add(op);
      }
    });
    return out;
  }
}
