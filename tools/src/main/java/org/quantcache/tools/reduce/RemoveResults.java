package org.quantcache.tools.reduce;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.TensorType;

/** Lets functions return less. */
final class RemoveResults implements Edit {
  @Override
  public String name() {
    return "results";
  }

  @Override
  public int places(IrModule module) {
    return module.functions().stream().mapToInt(f -> f.resultTypes().size()).sum();
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    Set<Integer> removed = new HashSet<>(places);
    int first = 0;
    for (Function function : rewriter.module().functions()) {
      int count = function.resultTypes().size();
      keep(function, first, removed, rewriter);
      first += count;
    }
  }

  private static void keep(Function function, int first, Set<Integer> removed, Rewriter rewriter) {
    Operation end = function.body().terminator();
    List<Value> values = new ArrayList<>();
    List<TensorType> types = new ArrayList<>();
    List<Attribute> names = new ArrayList<>();
    for (int i = 0; i < end.operandCount(); i++) {
      if (!removed.contains(first + i)) {
        values.add(end.operand(i));
        types.add(function.resultTypes().get(i));
        if (i < function.resultNames().size()) {
          names.add(Attribute.string(function.resultNames().get(i)));
        }
      }
    }
    rewriter.before(end).create(end.name()).operands(values).at(end.location()).build();
    rewriter.erase(end);
    rewriter.setResultTypes(function, types);
    if (function.attributes().has("results")) {
      rewriter.setAttributes(
          function, function.attributes().with("results", new Attribute.ListAttr(names)));
    }
  }
}
