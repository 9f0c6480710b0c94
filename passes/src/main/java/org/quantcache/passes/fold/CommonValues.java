package org.quantcache.passes.fold;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.TensorType;

/** Computes equal values once: the same pure operation on the same operands, seen in this or an outer region. */
final class CommonValues {
  private record Key(
      String name, List<Integer> operands, Attributes attributes, List<TensorType> types) {}

  private final Rewriter rewriter;
  private final Map<Value, Integer> numbers = new IdentityHashMap<>();

  private CommonValues(Rewriter rewriter) {
    this.rewriter = rewriter;
  }

  static void merge(IrModule module, Rewriter rewriter) {
    module.functions().forEach(f -> new CommonValues(rewriter).merge(f.body(), new HashMap<>()));
  }

  private void merge(Region region, Map<Key, Operation> outer) {
    Map<Key, Operation> seen = new HashMap<>(outer);
    for (Operation operation : region.operations()) {
      operation.regions().forEach(inner -> merge(inner, seen));
      if (!operation.definition().has(Trait.PURE) || !operation.regions().isEmpty()) {
        continue;
      }
      Key key = key(operation);
      Operation first = seen.putIfAbsent(key, operation);
      if (first != null && rewriter.mayRewrite("ValueShared", operation.location())) {
        rewriter.replace(operation, first.results());
        rewriter.report("ValueShared", first.location(), Attributes.NONE);
      }
    }
  }

  private Key key(Operation operation) {
    List<Integer> operands = new ArrayList<>();
    for (Value operand : operation.operands()) {
      operands.add(numbers.computeIfAbsent(operand, v -> numbers.size()));
    }
    List<TensorType> types = operation.results().stream().map(Value::type).toList();
    return new Key(operation.name(), operands, operation.attributes(), types);
  }
}
