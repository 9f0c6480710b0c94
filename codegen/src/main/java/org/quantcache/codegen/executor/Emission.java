package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quantcache.codegen.tir.KernelForm;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.ScalarType;

/**
 * What the operations of one function become: kernels to compile, and the fields, binding statements and run
 * statements of its executor.
 */
final class Emission {
  /**
   * A run statement with the operation that it serves.
   *
   * @param replayable whether it does the same at every run, and nothing but launching or copying
   */
  record Statement(Operation operation, String text, boolean replayable) {}

  /** A field: its declaration and the statement that binds it. */
  record Field(String declaration, String binding) {}

  private static final long SMALL_FLOPS = 1_000_000;
  private static final long SMALL_BYTES = 400_000;

  private final ExecutorTarget target;
  private final Places places;
  private final List<Field> fields = new ArrayList<>();
  private List<Statement> statements = new ArrayList<>();
  private final List<Executors.Launch> launches = new ArrayList<>();
  private final Map<Operation, Integer> watched;
  private final Set<Operation> told = Collections.newSetFromMap(new IdentityHashMap<>());
  private int counter;
  private int totals;

  /** @param watched numbers of the operations that the executor tells when they are done */
  Emission(ExecutorTarget target, Places places, Map<Operation, Integer> watched) {
    this.target = target;
    this.places = places;
    this.watched = watched;
  }

  ExecutorTarget target() {
    return target;
  }

  Places places() {
    return places;
  }

  List<Field> fields() {
    return fields;
  }

  List<Executors.Launch> launches() {
    return launches;
  }

  /** How many measurements travel to Java. */
  int totals() {
    return totals;
  }

  /** Declares a field with a fresh name and returns the name. */
  String field(String type, String prefix, String value) {
    String name = prefix + counter++;
    fields.add(new Field("private " + type + " " + name + ";", name + " = " + value + ";"));
    return name;
  }

  /** Adds a statement to the current block. */
  void statement(Operation operation, String text) {
    statements.add(new Statement(operation, text, false));
  }

  /** The same for one launch, copy or fill that does the same at every run. */
  void replayable(Operation operation, String text) {
    statements.add(new Statement(operation, text, true));
  }

  /**
   * Tells that an operation with a value in the arena is done, where somebody watches. The first call counts: one that may
   * be left out, or whose value is written over at once, tells where it is done.
   */
  void done(Operation operation) {
    Integer number = watched.get(operation);
    if (number != null && operation.attributes().has("at") && told.add(operation)) {
      statement(operation, "computed(" + number + ", step);");
    }
  }

  /** Statements that run when a condition holds, which is asked at every run. */
  void when(Operation operation, String condition, Runnable body) {
    statement(operation, "if (" + condition + ") {");
    indented(body);
    statement(operation, "}");
  }

  /** Statements that run when a condition holds, and others that run when it does not. */
  void either(Operation operation, String condition, Runnable then, Runnable otherwise) {
    statement(operation, "if (" + condition + ") {");
    indented(then);
    statement(operation, "} else {");
    indented(otherwise);
    statement(operation, "}");
  }

  private void indented(Runnable body) {
    collect(body).forEach(inner -> statement(inner.operation(), "  " + inner.text()));
  }

  /** A launch of {@code spec}: values that pointers point to, and numbers as Java expressions, in the kernel's order. */
  void launch(
      Operation operation,
      KernelForm spec,
      List<Value> pointers,
      List<String> numbers,
      String items) {
    Cost cost = operation.definition().cost(operation, places::bound);
    replayable(operation, "run(" + bind(operation, spec, cost, pointers, numbers, 0, items) + ");");
  }

  /** A parameter of a kernel: where elements of a kind lie. */
  private record Pointer(String address, ScalarType kind) {}

  /**
   * Binds a launch that a statement runs later; returns its field.
   *
   * @param cost of the work, which decides whether workers share it
   * @param reals how many numbers follow that are set before each run
   */
  String bind(
      Operation operation,
      KernelForm spec,
      Cost cost,
      List<Value> pointers,
      List<String> numbers,
      int reals,
      String items) {
    return bindTo(operation, spec, cost, pointers(pointers), numbers, reals, items);
  }

  private List<Pointer> pointers(List<Value> values) {
    return values.stream()
        .map(value -> new Pointer(places.address(value), Places.stored(value)))
        .toList();
  }

  private String bindTo(
      Operation operation,
      KernelForm spec,
      Cost cost,
      List<Pointer> pointers,
      List<String> numbers,
      int reals,
      String items) {
    String name =
        target.kernel(operation, spec, pointers.stream().map(Pointer::kind).toList());
    launches.add(new Executors.Launch(operation.location().text(), operation.name(), name));
    String share = isSmall(cost) ? "alone(" : "over(";
    StringBuilder value = new StringBuilder(share + items + ", kernel(\"" + name + "\")");
    pointers.forEach(
        p -> value.append("\n            .pointer(").append(p.address()).append(")"));
    numbers.forEach(n -> value.append("\n            .integer(").append(n).append(")"));
    value.append("\n            .real()".repeat(reals));
    value
        .append("\n            .place(")
        .append(JavaText.literal(operation.location().text()))
        .append(", ")
        .append(JavaText.literal(operation.name()))
        .append(")");
    return field(target.words().launch(), "launch", value.append(")").toString());
  }

  /** Handing such work to a second worker costs more than half of what it takes. */
  private static boolean isSmall(Cost cost) {
    return cost.flops() < SMALL_FLOPS && cost.bytes() < SMALL_BYTES;
  }

  /** A copy of {@code bytes} from one address to another. */
  void copy(Operation operation, String to, String from, String bytes) {
    replayable(operation, boundCopy(to, from, bytes) + ".run();");
  }

  /** Binds a copy that a statement runs later; returns its field. */
  String boundCopy(String to, String from, String bytes) {
    return field(target.words().copy(), "copy", "copy(" + to + ", " + from + ", " + bytes + ")");
  }

  /** Brings a value that a kernel wrote to where Java reads it. */
  void fetch(Operation operation, Value value) {
    if (target.hasOwnMemory() && !places.isOnHost(value)) {
      statement(operation, "fetch(" + places.extent(value) + ");");
    }
  }

  /**
   * Makes the same copy on the host, where Java has the operand and reads the result, so that it need not wait for that
   * of the device.
   *
   * @param times how often the bytes are in the result, one after the other
   * @param position what is added to the place of the operand, as Java source
   */
  void copyOnHost(Operation operation, String bytes, long times, String position) {
    Value from = operation.operand(0);
    Value to = operation.result();
    boolean wins = target.hasOwnMemory() && places.canJavaCopy(from) && HostEmitters.isRead(to);
    if (!wins) {
      return;
    }
    for (long copy = 0; copy < times; copy++) {
      statement(
          operation,
          "copyOnHost(%dL + %d * (%s), %dL%s, %s);"
              .formatted(places.offset(to), copy, bytes, places.offset(from), position, bytes));
    }
    places.nowOnHost(to);
  }

  /** Name of the f32 elements that a kernel measures, for {@link #measured}. */
  String measurement(Value value) {
    return target.hasOwnMemory() ? "sums" : field("FloatBuffer", "sums", places.floats(value));
  }

  /** Name of the step in a call of {@link #measured}, which may come at a later one. */
  String stepOfMeasurement(Operation operation) {
    if (!target.hasOwnMemory()) {
      return "step";
    }
    statement(operation, "int measuredAt = step;");
    return "measuredAt";
  }

  /**
   * Hands a measurement to Java: at once, or where waiting for it takes time, before somebody decides by it. Only its total
   * travels then, with others.
   *
   * @param value rows of sums
   */
  void measured(Operation operation, Value value, String measurement, String call) {
    if (!target.hasOwnMemory()) {
      statement(operation, call + ";");
      return;
    }
    int width = (int) value.type().size(-1);
    List<Pointer> pointers = new ArrayList<>(pointers(List.of(value)));
    pointers.add(new Pointer("total(" + totals + ")", ScalarType.F32));
    List<String> rows = List.of(Places.size(value.type().dim(0)));
    String launch = bindTo(operation, new TotalForm(width), Cost.ZERO, pointers, rows, 0, "1");
    statement(operation, "measured(%d, %d, %s -> %s);".formatted(totals, width, measurement, call));
    statement(operation, "run(" + launch + ");");
    totals++;
  }

  /** Brings a value that Java wrote to where kernels read it. */
  void send(Operation operation, Value value) {
    if (target.hasOwnMemory()) {
      statement(operation, "send(" + places.extent(value) + ");");
      places.nowOnHost(value);
    }
  }

  /** Statements that {@code body} adds, instead of adding them to the current block. */
  List<Statement> collect(Runnable body) {
    List<Statement> outer = statements;
    statements = new ArrayList<>();
    body.run();
    List<Statement> inner = statements;
    statements = outer;
    return inner;
  }
}
