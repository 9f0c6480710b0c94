package org.quantcache.tools.export;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.tools.inspect.ProductBits;

/**
 * A function as a graph without cycles. An operation with regions is the node in front of them; what it gives comes from
 * the ends of its regions.
 *
 * @param name of the function
 * @param nodes in program order
 */
record FunctionGraph(String name, List<GraphNode> nodes) {
  FunctionGraph {
    nodes = ImmutableList.copyOf(nodes);
  }

  static FunctionGraph of(IrModule module, Function function) {
    Builder builder = new Builder(module);
    function.parameters().forEach(p -> builder.value(p, "parameter", List.of(), List.of()));
    builder.region(function.body());
    return new FunctionGraph(function.name(), builder.nodes);
  }

  private static final class Builder {
    private final IrModule module;
    private final List<GraphNode> nodes = new ArrayList<>();
    private final Map<Value, GraphNode.Input> sources = new IdentityHashMap<>();

    Builder(IrModule module) {
      this.module = module;
    }

    void value(Value value, String op, List<String> groups, List<GraphNode.Input> inputs) {
      String id = nextId();
      sources.put(value, new GraphNode.Input(id, 0));
      nodes.add(new GraphNode(
          id,
          op,
          value.nameHint(),
          "",
          groups,
          List.of(),
          inputs,
          List.of(value.type()),
          Cost.ZERO,
          0,
          0));
    }

    private String nextId() {
      return "n" + nodes.size();
    }

    void region(Region region) {
      region.operations().forEach(this::operation);
    }

    private void operation(Operation op) {
      List<GraphNode.Input> inputs =
          new ArrayList<>(op.operands().stream().map(this::source).toList());
      // The end of a region hangs on the operation that it belongs to.
      op.parent()
          .owner()
          .filter(owner -> op == op.parent().terminator())
          .ifPresent(owner -> inputs.add(new GraphNode.Input(entry.get(owner), 0)));
      String id = nextId();
      nodes.add(node(id, op, inputs));
      entry.put(op, id);
      results(op, id);
      for (Region inner : op.regions()) {
        inner
            .arguments()
            .forEach(argument -> value(
                argument,
                "argument",
                ModelPlace.groups(op.location()),
                List.of(new GraphNode.Input(id, 0))));
        region(inner);
        if (!inner.operations().isEmpty()) {
          results(op, entry.get(inner.terminator()));
        }
      }
    }

    private final Map<Operation, String> entry = new IdentityHashMap<>();

    private void results(Operation op, String id) {
      for (Value result : op.results()) {
        sources.put(result, new GraphNode.Input(id, result.index()));
      }
    }

    private GraphNode.Input source(Value value) {
      GraphNode.Input source = sources.get(value);
      if (source == null) {
        throw new IllegalStateException(
            "a value of " + value.type().text() + " is used before it is made");
      }
      return source;
    }

    private GraphNode node(String id, Operation op, List<GraphNode.Input> inputs) {
      ProductBits bits = ProductBits.of(op);
      return new GraphNode(
          id,
          op.name(),
          name(op),
          op.location().text(),
          ModelPlace.groups(op.location()),
          attributes(op.attributes()),
          inputs,
          op.results().stream().map(Value::type).toList(),
          op.definition().cost(op, module::bound),
          bits.weight(),
          bits.activation());
    }

    private static String name(Operation op) {
      if (op.attributes().has("weight")) {
        return op.attributes().symbol("weight");
      }
      return op.results().isEmpty() ? "" : op.results().get(0).nameHint();
    }

    private static List<String> attributes(Attributes attributes) {
      return attributes.values().entrySet().stream()
          .map(e -> e.getKey() + " = " + e.getValue().text())
          .toList();
    }
  }
}
