package org.quantcache.tools.report.graph;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.tools.report.graph.GraphNode.Kind;

/**
 * The drawings of a program before and after each pass, as JSON. What stays the same between two passes, or is built
 * alike, is there once:
 *
 * <pre>{@code
 * {"strings": [...], "layouts": [...], "nodes": [...], "kernels": [[name, source], ...],
 *  "stages": [{"name": "input", "root": 17}, {"name": "fold", "root": 31, "marks": {...}}]}
 * }</pre>
 *
 * A node is {@code [0, label, text, place, type, bits, FLOP, bytes, kernels]} for an operation and {@code [1, label, kind,
 * layout, children, operation or -1, operations below, FLOP, bytes]} for a group; words are numbers of strings, bytes and
 * FLOP those of one turn of a loop at the bounds of symbolic sizes.
 */
public final class GraphData {
  private final JsonNodeFactory factory = JsonNodeFactory.instance;
  private final Interner<String> strings = new Interner<>();
  private final Interner<ArrayNode> nodes = new Interner<>();
  private final LayoutTable layouts = new LayoutTable();
  private final ArrayNode stages = factory.arrayNode();
  private final ArrayNode kernels = factory.arrayNode();
  private Optional<IrModule> lastModule = Optional.empty();
  private Optional<GraphNode> lastTree = Optional.empty();

  /** A node's number and what is below it. */
  private record Part(int number, int operations, Cost cost) {}

  /**
   * Adds a state of the program.
   *
   * @param name of the pass that it is after
   * @param index what computes the operations
   */
  public void add(String name, IrModule module, KernelIndex index) {
    GraphNode tree = tree(module);
    Map<Operation, String> texts = new IdentityHashMap<>();
    for (Function function : module.functions()) {
      IrPrinter.lines(function, IrPrinter.Options.PLAIN)
          .forEach(line -> texts.put(line.operation(), line.text().strip()));
    }
    Writer writer = new Writer(module, texts, index);
    ObjectNode stage = stages.addObject();
    stage.put("name", name);
    stage.put("root", writer.write(tree).number());
    if (lastModule.isPresent()) {
      stage.set("marks", StageMarks.json(lastModule.get(), lastTree.orElseThrow(), module, tree));
    }
    lastModule = Optional.of(module);
    lastTree = Optional.of(tree);
  }

  /** Adds what is known of the kernels. */
  public void describe(KernelIndex index) {
    index
        .sources()
        .forEach((name, source) -> kernels.addArray().add(string(name)).add(string(source)));
  }

  /** How many states there are. */
  public int size() {
    return stages.size();
  }

  /** All of it. */
  public ObjectNode json() {
    ObjectNode out = factory.objectNode();
    ArrayNode words = factory.arrayNode();
    strings.all().forEach(words::add);
    out.set("strings", words);
    out.set("layouts", layouts.json());
    ArrayNode all = factory.arrayNode();
    nodes.all().forEach(all::add);
    out.set("nodes", all);
    out.set("kernels", kernels);
    out.set("stages", stages);
    return out;
  }

  private static GraphNode tree(IrModule module) {
    List<GraphNode> functions =
        module.functions().stream().map(GroupTree::of).collect(Collectors.toList());
    return functions.size() == 1
        ? functions.get(0)
        : GraphNode.group(Kind.PART, "@" + module.name(), functions);
  }

  private int string(String text) {
    return strings.number(text, () -> text);
  }

  /** Writes the nodes of one state. */
  private final class Writer {
    private final IrModule module;
    private final Map<Operation, String> texts;
    private final KernelIndex index;

    Writer(IrModule module, Map<Operation, String> texts, KernelIndex index) {
      this.module = module;
      this.texts = texts;
      this.index = index;
    }

    Part write(GraphNode node) {
      return node.kind().isPresent()
          ? group(node, node.kind().get())
          : operation(node.operation().orElseThrow());
    }

    private Part operation(Operation operation) {
      Cost cost = operation.definition().cost(operation, module::bound);
      ArrayNode out = factory.arrayNode().add(0);
      out.add(string(operation.name()));
      out.add(string(texts.get(operation)));
      out.add(string(
          operation.location().paths().isEmpty() ? "" : operation.location().text()));
      out.add(string(operation.results().stream()
          .map(Value::type)
          .map(Object::toString)
          .collect(Collectors.joining(", "))));
      out.add(string(OperationBits.text(operation)));
      out.add(cost.flops()).add(cost.bytes());
      ArrayNode launched = out.addArray();
      index.kernelsOf(operation).forEach(kernel -> launched.add(string(kernel)));
      return new Part(nodes.number(out.toString(), () -> out), 1, cost);
    }

    private Part group(GraphNode node, Kind kind) {
      ArrayNode out = factory.arrayNode().add(1);
      out.add(string(node.label())).add(string(kind.word())).add(layouts.number(node.children()));
      Optional<Part> own = node.operation().map(this::operation);
      ArrayNode children = out.addArray();
      int operations = own.isPresent() ? 1 : 0;
      Cost cost = Cost.ZERO;
      for (GraphNode child : node.children()) {
        Part part = write(child);
        children.add(part.number());
        operations += part.operations();
        cost = cost.plus(part.cost());
      }
      out.add(own.map(Part::number).orElse(-1)).add(operations);
      out.add(cost.flops()).add(cost.bytes());
      return new Part(nodes.number(out.toString(), () -> out), operations, cost);
    }
  }
}
