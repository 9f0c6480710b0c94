package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.codegen.executor.Emission.Field;
import org.quantcache.codegen.executor.Emission.Statement;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;

/**
 * Writes the Java program of one function: launches bound once, then run in order, one method for each part of the
 * model, every launch under the place in the model that it serves.
 */
final class ExecutorSource {
  static final String PACKAGE = "org.quantcache.generated";

  private static final String BRING = "bringMeasurements();";
  private static final String TAKE = "takeMeasurements();";
  private static final int STATEMENTS_PER_METHOD = 60;
  private static final int FIELDS_PER_METHOD = 100;

  private final IrModule module;
  private final Function function;
  private final Emission out;
  private final Map<String, OpEmitter> emitters;
  private final List<String> methods = new ArrayList<>();
  private final Map<String, Integer> methodNames = new LinkedHashMap<>();
  private final MeasuringPlan measuring;
  private String resultsAt = "";

  /**
   * A line that runs something.
   *
   * @param launches launches and copies that a call of a method stands for when it does nothing else; 0 for other lines
   */
  private record Line(String text, int launches) {
    static Line of(String text) {
      return new Line(text, 0);
    }

    Line indented() {
      return of("  " + text);
    }
  }

  /** @param watched numbers of the operations that the executor tells when they are done */
  ExecutorSource(
      IrModule module,
      Function function,
      ExecutorTarget target,
      Map<String, OpEmitter> emitters,
      Map<Operation, Integer> watched) {
    this.module = module;
    this.function = function;
    this.emitters = emitters;
    this.out = new Emission(target, Places.of(module, function), watched);
    this.measuring = MeasuringPlan.of(function);
  }

  /** Simple name of the class of a function. */
  static String className(Function function) {
    String name = function.name();
    return Character.toUpperCase(name.charAt(0)) + name.substring(1) + "Executor";
  }

  /** What {@link #write} launches, in the order of the program. */
  List<Executors.Launch> launches() {
    return out.launches();
  }

  /** The source text. */
  String write() {
    List<Line> body = segments(block(function.body(), ""));
    ExecutorTarget.Words words = out.target().words();
    StringBuilder text = new StringBuilder();
    text.append("package ").append(PACKAGE).append(";\n\n");
    for (String name : List.of(
        "java.nio.ByteBuffer",
        "java.nio.FloatBuffer",
        "java.nio.IntBuffer",
        "java.nio.LongBuffer",
        "java.util.List",
        "org.quantcache.ir.policy.AccumulatePolicy",
        "org.quantcache.ir.policy.AlwaysComputed",
        "org.quantcache.ir.policy.BitsPolicy",
        "org.quantcache.ir.policy.DivergenceMetric",
        "org.quantcache.ir.policy.CodebookPolicy",
        "org.quantcache.ir.policy.GuardPolicy",
        "org.quantcache.ir.policy.Levels",
        "org.quantcache.ir.policy.PlanPolicy",
        "org.quantcache.ir.policy.PrunePolicy",
        "org.quantcache.ir.policy.SimilarityPolicy",
        "org.quantcache.ir.policy.VisitPolicy",
        "org.quantcache.ir.types.ScalarType",
        "org.quantcache.kernels.cache.Guard",
        "org.quantcache.kernels.cache.Guards",
        words.packageName() + "." + words.context(),
        words.packageName() + "." + words.executor(),
        words.packageName() + "." + words.launch(),
        words.packageName() + "." + words.copy(),
        "org.quantcache.kernels.prune.Branch",
        "org.quantcache.kernels.prune.Branches",
        "org.quantcache.kernels.host.Tables",
        "org.quantcache.kernels.host.TextRows",
        "org.quantcache.kernels.host.TimeGrid",
        "org.quantcache.kernels.runtime.StepObserver",
        "org.quantcache.kernels.tensor.Tensor")) {
      text.append("import ").append(name).append(";\n");
    }
    text.append("\n/** Function @")
        .append(function.name())
        .append(" of module @")
        .append(module.name());
    text.append(", generated. */\n");
    text.append("public final class ")
        .append(className(function))
        .append(" extends ")
        .append(words.executor())
        .append(" {\n");
    declarations(text);
    constructor(text);
    offsets(text, "parametersAt", longs(function.attributes().longs("params_at")));
    offsets(text, "resultsAt", resultsAt);
    text.append(
        "\n  @Override\n  protected void execute(StepObserver observer) {\n    this.observer = observer;\n");
    if (out.target().hasOwnMemory()) {
      function
          .parameters()
          .forEach(p -> text.append("    send(").append(out.places().extent(p)).append(");\n"));
    }
    body.forEach(line -> text.append("    ").append(line.text()).append('\n'));
    text.append("  }\n");
    methods.forEach(method -> text.append('\n').append(method));
    return text.append("}\n").toString();
  }

  private void declarations(StringBuilder text) {
    module.dimensionBounds().keySet().stream()
        .filter(this::uses)
        .forEach(symbol -> text.append("  private final long ").append(symbol).append(";\n"));
    text.append("  private StepObserver observer = StepObserver.NONE;\n");
    text.append("  private int step;\n  private int steps;\n");
    text.append("  private Branches branches;\n");
    function.body().walk(op -> {
      if (op.is(CacheOps.GUARD)) {
        text.append("  private Guard ")
            .append(CacheEmitters.field(op.attributes().string("name")))
            .append(";\n");
      } else if (op.is(PruneOps.BRANCH)) {
        text.append("  private Branch ").append(PruneEmitters.field(op)).append(";\n");
      }
    });
    out.fields().forEach(f -> text.append("  ").append(f.declaration()).append('\n'));
  }

  /** Whether the function reads a symbolic size. */
  private boolean uses(String symbol) {
    boolean[] found = new boolean[1];
    function.parameters().forEach(p -> found[0] |= mentions(p, symbol));
    function.body().walk(op -> op.results().forEach(r -> found[0] |= mentions(r, symbol)));
    return found[0];
  }

  private static boolean mentions(Value value, String symbol) {
    return value.type().dims().stream().anyMatch(d -> d.symbols().contains(symbol));
  }

  private void constructor(StringBuilder text) {
    text.append("\n  public ")
        .append(className(function))
        .append("(")
        .append(out.target().words().context())
        .append(" context) {\n    super(context);\n");
    if (out.totals() > 0) {
      text.append("    takeRoomFor(").append(out.totals()).append(");\n");
    }
    module.dimensionBounds().keySet().stream()
        .filter(this::uses)
        .forEach(symbol -> text.append("    ")
            .append(symbol)
            .append(" = size(\"")
            .append(symbol)
            .append("\");\n"));
    List<Field> fields = out.fields();
    int parts = (fields.size() + FIELDS_PER_METHOD - 1) / FIELDS_PER_METHOD;
    for (int part = 0; part < parts; part++) {
      text.append("    bind").append(part).append("();\n");
    }
    text.append("  }\n");
    for (int part = 0; part < parts; part++) {
      int end = Math.min(fields.size(), (part + 1) * FIELDS_PER_METHOD);
      text.append("\n  private void bind").append(part).append("() {\n");
      fields
          .subList(part * FIELDS_PER_METHOD, end)
          .forEach(f -> text.append("    ").append(f.binding()).append('\n'));
      text.append("  }\n");
    }
  }

  private static void offsets(StringBuilder text, String method, String values) {
    text.append("\n  @Override\n  protected long[] ")
        .append(method)
        .append("() {\n    return new long[] {");
    text.append(values).append("};\n  }\n");
  }

  private static String longs(List<Long> values) {
    return values.stream().map(v -> v + "L").collect(Collectors.joining(", "));
  }

  /** Emits a region; returns the lines that run it. */
  private List<Line> block(Region region, String prefix) {
    List<Line> lines = new ArrayList<>();
    List<Statement> pending = new ArrayList<>();
    String section = "";
    for (Operation operation : region.operations()) {
      switch (operation.name()) {
        case StructureOps.RETURN -> {
          resultsAt = longs(
              operation.operands().stream().map(v -> out.places().offset(v)).toList());
          pending.addAll(
              out.collect(() -> operation.operands().forEach(v -> out.fetch(operation, v))));
        }
        case StructureOps.YIELD -> {
          if (region.owner().orElseThrow().is(StructureOps.LOOP)) {
            pending.addAll(out.collect(() -> carry(operation, region)));
          }
        }
        case StructureOps.LOOP -> {
          pending.addAll(out.collect(() -> enter(operation)));
          lines.addAll(method(prefix + section, pending));
          pending = new ArrayList<>();
          lines.addAll(loop(operation));
          lines.addAll(done(operation));
        }
        case CacheOps.GUARD -> {
          lines.addAll(method(prefix + section, pending));
          pending = new ArrayList<>();
          lines.addAll(guard(operation, prefix));
          lines.addAll(done(operation));
        }
        case PruneOps.BRANCH -> {
          lines.addAll(method(prefix + section, pending));
          pending = new ArrayList<>();
          lines.addAll(branch(operation, prefix));
          lines.addAll(done(operation));
        }
        default -> {
          List<Statement> emitted = out.collect(() -> emit(operation));
          String next = emitted.isEmpty() ? section : section(operation);
          if (!next.equals(section) || pending.size() >= STATEMENTS_PER_METHOD) {
            lines.addAll(method(prefix + section, pending));
            pending = new ArrayList<>();
            section = next;
          }
          pending.addAll(emitted);
        }
      }
    }
    lines.addAll(method(prefix + section, pending));
    return lines;
  }

  private void emit(Operation operation) {
    OpEmitter emitter = emitters.get(operation.name());
    if (emitter == null) {
      throw UserError.of(
              "CG0205",
              "the %s device has no kernel for '%s' at %s",
              out.target().device(),
              operation.name(),
              operation.location().text())
          .withHint("run the passes 'fuse' and 'lower' first");
    }
    emitter.emit(operation, out);
    finish(operation);
  }

  private void finish(Operation operation) {
    out.done(operation);
    if (out.target().hasOwnMemory() && measuring.bringsBehind(operation)) {
      out.statement(operation, BRING);
    }
  }

  /** What follows an operation with regions. */
  private List<Line> done(Operation operation) {
    return out.collect(() -> finish(operation)).stream()
        .map(statement -> Line.of(statement.text()))
        .toList();
  }

  /** The initial values move to where the loop carries them. */
  private void enter(Operation loop) {
    Region body = loop.regions().get(0);
    for (int i = 1; i < loop.operandCount(); i++) {
      out.copy(
          loop,
          out.places().address(body.argument(i)),
          out.places().address(loop.operand(i)),
          Places.byteCount(loop.operand(i).type()));
    }
  }

  private List<Line> loop(Operation operation) {
    List<Line> lines = new ArrayList<>();
    lines.add(
        Line.of("steps = (int) (" + Places.size(operation.operand(0).type().dim(0)) + ");"));
    List<Line> starts = new ArrayList<>();
    operation.regions().get(0).walk(op -> {
      if (op.is(CacheOps.GUARD)) {
        starts.add(Line.of(CacheEmitters.start(op, out)));
      } else if (op.is(PruneOps.BRANCH)) {
        starts.add(Line.of(PruneEmitters.start(op, out)));
      }
    });
    if (!starts.isEmpty()) {
      lines.add(Line.of("Guards guards = guards(steps);"));
      lines.add(Line.of("branches = branches(steps);"));
      lines.addAll(starts);
    }
    lines.add(Line.of("for (step = 0; step < steps; step++) {"));
    List<Line> body = block(operation.regions().get(0), "step_");
    if (out.target().hasOwnMemory()) {
      body.add(Line.of("endStep();"));
    }
    body.add(Line.of("observer.stepped(step, steps);"));
    segments(body).forEach(line -> lines.add(line.indented()));
    lines.add(Line.of("}"));
    if (!starts.isEmpty()) {
      if (out.totals() > 0) {
        lines.add(Line.of(TAKE));
      }
      lines.add(Line.of("observer.decided(trace(steps, guards, branches));"));
    }
    return lines;
  }

  private List<Line> guard(Operation guard, String prefix) {
    String field = CacheEmitters.field(guard.attributes().string("name"));
    List<Line> computed = block(guard.regions().get(0), prefix);
    computed.addAll(method(
        prefix + "store_" + field,
        out.collect(() -> HistoryEmitters.store(guard, Optional.empty(), out))));
    List<Line> reused = method(
        prefix + "reuse_" + field, out.collect(() -> HistoryEmitters.foretell(guard, field, out)));
    return choice(guard, field + ".computes(step)", computed, reused);
  }

  private List<Line> branch(Operation branch, String prefix) {
    String field = PruneEmitters.field(branch);
    List<Line> without = method(
        prefix + "without_" + field,
        out.collect(() -> HistoryEmitters.foretell(branch, field, out)));
    List<Line> with = block(branch.regions().get(0), prefix);
    with.addAll(method(
        prefix + "with_" + field,
        out.collect(() -> HistoryEmitters.store(branch, Optional.of(field + ".keeps()"), out))));
    return choice(branch, field + ".prunes(step)", without, with);
  }

  private List<Line> choice(
      Operation operation, String condition, List<Line> then, List<Line> otherwise) {
    List<Line> lines = new ArrayList<>();
    if (out.target().hasOwnMemory() && measuring.takesBefore(operation)) {
      lines.add(Line.of(TAKE));
    }
    lines.add(Line.of("if (" + condition + ") {"));
    segments(then).forEach(line -> lines.add(line.indented()));
    lines.add(Line.of("} else {"));
    segments(otherwise).forEach(line -> lines.add(line.indented()));
    lines.add(Line.of("}"));
    return lines;
  }

  /** Makes one line of calls that follow each other and only launch or copy: the device replays them as a whole. */
  private List<Line> segments(List<Line> lines) {
    List<Line> done = new ArrayList<>();
    List<Line> open = new ArrayList<>();
    for (Line line : lines) {
      if (line.launches() == 0) {
        done.addAll(segment(open));
        open.clear();
        done.add(line);
      } else {
        open.add(line);
      }
    }
    done.addAll(segment(open));
    return done;
  }

  private List<Line> segment(List<Line> calls) {
    if (calls.stream().mapToInt(Line::launches).sum() < 2) {
      return List.copyOf(calls);
    }
    String first = called(calls.get(0));
    String last = called(calls.get(calls.size() - 1));
    String method = first;
    if (calls.size() > 1) {
      method = first + "_and_on";
      StringBuilder text = new StringBuilder("  private void " + method + "() {\n");
      calls.forEach(call -> text.append("    ").append(call.text()).append('\n'));
      methods.add(text.append("  }\n").toString());
    }
    String field = out.field("Runnable", "segment", "segment(this::" + method + ")");
    String what = calls.size() > 1 ? first + " to " + last : first;
    return List.of(Line.of(field + ".run(); // " + what));
  }

  /** Name of the method that a line calls. */
  private static String called(Line line) {
    return line.text().substring(0, line.text().indexOf('('));
  }

  /** The values of the next step move to where the loop carries them, unless they were computed there. */
  private void carry(Operation yield, Region body) {
    for (int i = 0; i < yield.operandCount(); i++) {
      Value from = yield.operand(i);
      Value to = body.argument(i + 1);
      for (int later = 0; later < i; later++) {
        if (from == body.argument(later + 1)) {
          throw UserError.of(
              "CG0206",
              "the loop at %s exchanges carried values, which needs a copy in between",
              yield.location().text());
        }
      }
      if (out.places().offset(from) != out.places().offset(to)) {
        out.copy(
            yield,
            out.places().address(to),
            out.places().address(from),
            Places.byteCount(from.type()));
      }
    }
  }

  /** Block of the model that an operation belongs to: {@code spatial_blocks_0}, {@code t_embedder}. */
  private static String section(Operation operation) {
    List<String> paths = operation.location().paths();
    String path = paths.isEmpty() ? "program" : paths.get(0);
    String[] parts = path.split("\\.");
    boolean numbered = parts.length > 1 && parts[1].matches("[0-9]+");
    String name = numbered ? parts[0] + "_" + parts[1] : parts[0];
    return name.replaceAll("[^A-Za-z0-9_]", "_");
  }

  /**
   * Puts statements into methods of their own; returns their calls. Where kernels run later than Java says so, what can
   * be replayed does not share a method with what cannot.
   */
  private List<Line> method(String section, List<Statement> statements) {
    List<Line> calls = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= statements.size(); i++) {
      boolean ends = i == statements.size()
          || (out.target().hasOwnMemory()
              && statements.get(i).replayable() != statements.get(start).replayable());
      if (ends) {
        calls.add(oneMethod(section, statements.subList(start, i)));
        start = i;
      }
    }
    return calls;
  }

  private Line oneMethod(String section, List<Statement> statements) {
    int number = methodNames.merge(section, 1, Integer::sum);
    String name = "run_" + section + (number == 1 ? "" : "_part" + number);
    StringBuilder text = new StringBuilder("  private void " + name + "() {\n");
    Operation last = null;
    for (Statement statement : statements) {
      if (statement.operation() != last) {
        last = statement.operation();
        text.append("    // ")
            .append(JavaText.comment(last.location().text()))
            .append(": ")
            .append(last.name());
        last.results().forEach(r -> text.append(' ').append(r.type().text()));
        text.append('\n');
      }
      text.append("    ").append(statement.text()).append('\n');
    }
    methods.add(text.append("  }\n").toString());
    boolean replayable = out.target().hasOwnMemory() && statements.get(0).replayable();
    return new Line(name + "();", replayable ? statements.size() : 0);
  }
}
