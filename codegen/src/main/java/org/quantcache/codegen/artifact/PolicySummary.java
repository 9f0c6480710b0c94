package org.quantcache.codegen.artifact;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.QuantType;

/**
 * What a program decides by at run time, and how its products are rounded, read off its IR: the content of
 * {@code policy.json}. Empty lists say that nothing of the kind is done.
 */
final class PolicySummary {
  private final IrModule module;
  private final List<Object> guards = new ArrayList<>();
  private final List<Object> products = new ArrayList<>();
  private final List<Object> branches = new ArrayList<>();

  private PolicySummary(IrModule module) {
    this.module = module;
  }

  /** The summary as JSON values. */
  static Map<String, Object> of(IrModule module) {
    PolicySummary summary = new PolicySummary(module);
    module.walk(summary::visit);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("caching", summary.guards);
    out.put("quantization", summary.products);
    out.put("pruning", summary.branches);
    return out;
  }

  private void visit(Operation op) {
    switch (op.name()) {
      case CacheOps.GUARD -> {
        Map<String, Object> row = fields(op.attributes(), List.of("name", "policy", "reach"));
        row.put("history", op.operandCount() - 2);
        guards.add(row);
      }
      case PruneOps.BRANCH -> {
        Map<String, Object> row =
            fields(op.attributes(), List.of("kind", "layer", "part", "policy"));
        row.put("bypass", op.operandCount() > 2 ? "reuse" : "zero");
        branches.add(row);
      }
      case QuantOps.LINEAR, ProbedOps.QUANT_LINEAR -> products.add(product(op));
      default -> {}
    }
  }

  private Map<String, Object> product(Operation linear) {
    Map<String, Object> row = new LinkedHashMap<>();
    definition(linear).ifPresent(recipe -> {
      row.put("weight", recipe.string("key"));
      row.putAll(
          fields(recipe, List.of("bits", "hadamard", "columns", "outputs", "clip", "group")));
    });
    QuantType values = (QuantType) linear.operand(0).type().element();
    row.put("activation_bits", (long) values.rangeBits());
    row.put("granularity", values.granularity().name().toLowerCase(Locale.ROOT));
    linear
        .operand(0)
        .definingOperation()
        .flatMap(rows -> rows.operand(rows.operandCount() - 1).definingOperation())
        .filter(op -> op.is(CacheOps.BITS))
        .ifPresent(op -> row.put("activation_policy", plain(op.attributes().get("policy"))));
    return row;
  }

  private Optional<Attributes> definition(Operation linear) {
    return linear
        .operand(QuantOps.WEIGHT)
        .definingOperation()
        .filter(op -> op.is(StructureOps.WEIGHT_GET))
        .flatMap(op -> module.findGlobal(op.attributes().symbol("weight")))
        .map(Operation::attributes);
  }

  private static Map<String, Object> fields(Attributes attributes, List<String> names) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (String name : names) {
      attributes.find(name).ifPresent(value -> out.put(name, plain(value)));
    }
    return out;
  }

  private static Object plain(Attribute value) {
    if (value instanceof Attribute.StructAttr group) {
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("kind", group.name());
      group.fields().values().forEach((name, field) -> out.put(name, plain(field)));
      return out;
    }
    if (value instanceof Attribute.ListAttr list) {
      return list.values().stream().map(PolicySummary::plain).toList();
    }
    if (value instanceof Attribute.IntAttr whole) {
      return whole.value();
    }
    if (value instanceof Attribute.FloatAttr real) {
      return real.value();
    }
    return value instanceof Attribute.StringAttr text ? text.value() : value.text();
  }
}
