package org.quantcache.passes.instruments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.quantcache.ir.core.IrModule;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/**
 * Wall time of each pass, without what instruments do that stand before this one in the list; a pass that failed counts up to
 * its failure.
 */
public final class Timing implements PassInstrument {
  /** A pass, or a round of a fixpoint, whose number is 0, with the passes in it. */
  private record Node(int number, String title, long nanos, List<Node> inner) {
    double milliseconds() {
      return nanos / 1e6 + inner.stream().mapToDouble(Node::milliseconds).sum();
    }

    Stream<Node> passes() {
      return number > 0 ? Stream.of(this) : inner.stream().flatMap(Node::passes);
    }

    String name() {
      return number > 0 ? number + " " + title : title;
    }
  }

  private final LongSupplier clock;
  private final Node root = new Node(0, "all", 0, new ArrayList<>());
  private final Deque<Node> open = new ArrayDeque<>(List.of(root));
  private long started;

  /** @param clock time in nanoseconds, such as {@code System::nanoTime} */
  public Timing(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public void startRound(String fixpoint, long round) {
    Node node = new Node(0, fixpoint + " round " + round, 0, new ArrayList<>());
    open.getLast().inner.add(node);
    open.addLast(node);
  }

  @Override
  public void endRound() {
    open.removeLast();
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    started = clock.getAsLong();
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    add(number, pass.name());
  }

  @Override
  public void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {
    boolean known = root.passes().anyMatch(node -> node.number == number);
    if (!known) {
      add(number, pass.name() + " (failed)");
    }
  }

  private void add(int number, String title) {
    open.getLast().inner.add(new Node(number, title, clock.getAsLong() - started, List.of()));
  }

  /** A line for each pass and one for their sum. */
  public String list() {
    StringBuilder out = new StringBuilder();
    root.passes().forEach(node -> out.append(line(node.name(), node.milliseconds())));
    return out.append(line(root.title, root.milliseconds())).toString();
  }

  /** A line for each pass and each round of a fixpoint, what is in it further in, with its share of all. */
  public String tree() {
    StringBuilder out = new StringBuilder();
    tree(root, "", out);
    return out.toString();
  }

  private void tree(Node node, String indent, StringBuilder out) {
    double share = 100 * node.milliseconds() / Math.max(root.milliseconds(), Double.MIN_VALUE);
    out.append(String.format(
        Locale.ROOT,
        "%-32s %10.3f ms %5.1f %%%n",
        indent + node.name(),
        node.milliseconds(),
        share));
    node.inner.forEach(inner -> tree(inner, indent + "  ", out));
  }

  /** {@code [{"number":1,"pass":"fold","ms":1.5}, ...]}. */
  public String json() {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    root.passes()
        .forEach(node -> out.addObject()
            .put("number", node.number)
            .put("pass", node.title)
            .put("ms", node.milliseconds()));
    return out.toString();
  }

  private static String line(String name, double milliseconds) {
    return String.format(Locale.ROOT, "%-24s %10.3f ms%n", name, milliseconds);
  }
}
