package org.quantcache.tools.reduce;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.TensorType;

/** Values that take the place of those whose operation goes. */
final class Substitutes {
  private Substitutes() {}

  /** The operations of all functions, outer ones before inner ones, terminators left out. */
  static List<Operation> operations(IrModule module) {
    List<Operation> out = new ArrayList<>();
    module.walk(operation -> {
      if (!operation.definition().has(Trait.TERMINATOR)) {
        out.add(operation);
      }
    });
    return out;
  }

  /** An operand of the same type, else a parameter of the function, which gets one where it has none. */
  static Value operandOrParameter(Operation operation, Value value, Rewriter rewriter) {
    for (Value operand : operation.operands()) {
      if (operand.type().equals(value.type())) {
        return operand;
      }
    }
    return parameter(function(operation, rewriter), value.type(), rewriter);
  }

  /** A parameter of a type, a new one where there is none. */
  static Value parameter(Function function, TensorType type, Rewriter rewriter) {
    Set<String> names = new HashSet<>();
    for (Value parameter : function.parameters()) {
      if (parameter.type().equals(type)) {
        return parameter;
      }
      names.add(parameter.nameHint());
    }
    int number = 0;
    while (names.contains("p" + number)) {
      number++;
    }
    return rewriter.addParameter(function, type, "p" + number);
  }

  /** A constant in front of an operation. */
  static Value constant(Operation operation, Value value, Rewriter rewriter) {
    return rewriter
        .before(operation)
        .create(StructureOps.CONSTANT)
        .attribute("value", Attribute.of(0.0))
        .types(value.type())
        .at(operation.location())
        .result();
  }

  /** The function that an operation stands in. */
  static Function function(Operation operation, Rewriter rewriter) {
    Region region = operation.parent();
    while (region.owner().isPresent()) {
      region = region.owner().get().parent();
    }
    Region body = region;
    return rewriter.module().functions().stream()
        .filter(f -> f.body() == body)
        .findFirst()
        .orElseThrow();
  }
}
