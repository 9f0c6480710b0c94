package org.quantcache.codegen.executor;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Operations that the host does in Java: tables, text packing, the time grid, constants and observers. */
final class HostEmitters {
  /** What Java computes. */
  private static final Map<String, OpEmitter> ROUTINES = Map.of(
      StructureOps.CONSTANT, HostEmitters::constant,
      ModelOps.TIMESTEP, HostEmitters::timestep,
      ModelOps.POSITION, HostEmitters::position,
      ModelOps.ROPE_FREQUENCIES, HostEmitters::ropeFrequencies,
      ModelOps.ROPE_TABLE, HostEmitters::ropeTable,
      ModelOps.TEXT_PACK, HostEmitters::textPack,
      ModelOps.TEXT_UNPACK, HostEmitters::textUnpack,
      ModelOps.TIME_GRID, HostEmitters::timeGrid,
      ModelOps.STEP_SIZE, HostEmitters::stepSize);

  private HostEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(StructureOps.OBSERVE, HostEmitters::observe);
    ROUTINES.forEach((name, routine) -> table.put(name, java(routine)));
  }

  /** Whether Java computes something from a value, from a view of it or from copies of it side by side. */
  static boolean isRead(Value value) {
    return value.users().stream()
        .anyMatch(user -> ROUTINES.containsKey(user.name())
            || ((user.definition().has(Trait.VIEW) || user.is(TensorOps.REPEAT))
                && isRead(user.result())));
  }

  /** What Java computes: it reads operands where it can, and kernels read its results where they can. */
  private static OpEmitter java(OpEmitter routine) {
    return (op, out) -> {
      op.operands().forEach(operand -> out.fetch(op, operand));
      routine.emit(op, out);
      op.results().forEach(result -> out.send(op, result));
    };
  }

  private static String floats(Value value, Emission out) {
    return out.field("FloatBuffer", "floats", out.places().floats(value));
  }

  private static void call(Operation op, Emission out, String routine, Object... arguments) {
    String list =
        List.of(arguments).stream().map(String::valueOf).collect(Collectors.joining(", "));
    out.statement(op, routine + "(" + list + ");");
  }

  /** An int argument from a size that may be symbolic. */
  private static String whole(TensorType type, int axis) {
    String size = Places.size(type.dim(axis));
    return type.dim(axis).isConstant() ? size : "(int) (" + size + ")";
  }

  private static void constant(Operation op, Emission out) {
    double value = op.attributes().real("value");
    if (op.result().type().element() == ScalarType.I1) {
      String bytes = out.field("ByteBuffer", "bytes", out.places().bytes(op.result()));
      call(op, out, "fill", bytes, value != 0 ? 1 : 0);
    } else {
      call(op, out, "fill", floats(op.result(), out), (float) value + "f");
    }
  }

  private static void observe(Operation op, Emission out) {
    String series = JavaText.literal(op.attributes().string("name"));
    TensorType type = op.operand(1).type();
    String sizes = type.dims().stream().map(Places::size).collect(Collectors.joining(", "));
    String tensor = out.field(
        "Tensor",
        "tensor",
        "tensor(ScalarType." + ((ScalarType) type.element()).name() + ", "
            + out.places().offset(op.operand(1)) + "L, " + sizes + ")");
    out.when(op, "observer.wants(" + series + ")", () -> {
      out.fetch(op, op.operand(1));
      out.statement(op, "observer.observed(" + series + ", step, steps, " + tensor + ");");
    });
  }

  private static void timestep(Operation op, Emission out) {
    Attributes a = op.attributes();
    call(
        op,
        out,
        "Tables.timestep",
        floats(op.operand(0), out),
        whole(op.operand(0).type(), 0),
        a.integer("width"),
        a.real("max_period"),
        floats(op.result(), out));
  }

  private static void position(Operation op, Emission out) {
    Attributes a = op.attributes();
    call(
        op,
        out,
        "Tables.position",
        floats(op.operand(0), out) + ".get(0)",
        floats(op.operand(1), out) + ".get(0)",
        a.integer("rows"),
        a.integer("cols"),
        a.integer("channels"),
        a.integer("reference_size"),
        floats(op.result(), out));
  }

  private static void ropeFrequencies(Operation op, Emission out) {
    Attributes a = op.attributes();
    call(
        op,
        out,
        "Tables.ropeFrequencies",
        a.integer("count"),
        a.real("theta"),
        floats(op.result(), out));
  }

  private static void ropeTable(Operation op, Emission out) {
    call(
        op,
        out,
        "Tables.ropeTable",
        floats(op.operand(0), out),
        whole(op.operand(0).type(), 0),
        op.attributes().integer("positions"),
        floats(op.result(), out));
  }

  private static void textPack(Operation op, Emission out) {
    Value rows = op.operand(0);
    Value mask = op.operand(1);
    String view = mask.type().element() == ScalarType.I64
        ? out.places().longs(mask)
        : out.places().bytes(mask);
    call(
        op,
        out,
        "TextRows.pack",
        floats(rows, out),
        out.field("TextRows.Mask", "mask", "TextRows.mask(" + view + ")"),
        whole(mask.type(), 0),
        whole(rows.type(), 0),
        whole(rows.type(), 1),
        whole(rows.type(), 2),
        floats(op.results().get(0), out),
        out.field("IntBuffer", "ints", out.places().ints(op.results().get(1))));
  }

  private static void textUnpack(Operation op, Emission out) {
    TensorType result = op.results().get(0).type();
    call(
        op,
        out,
        "TextRows.unpack",
        floats(op.operand(0), out),
        out.field("LongBuffer", "longs", out.places().longs(op.operand(1))),
        whole(op.operand(0).type(), 1),
        whole(result, 0),
        whole(result, 1),
        whole(result, 2),
        floats(op.results().get(0), out),
        out.field("IntBuffer", "ints", out.places().ints(op.results().get(1))));
  }

  private static void timeGrid(Operation op, Emission out) {
    Attributes a = op.attributes();
    TensorType result = op.result().type();
    call(
        op,
        out,
        "TimeGrid.fill",
        floats(op.operand(0), out),
        floats(op.operand(1), out),
        floats(op.operand(2), out),
        whole(result, 1),
        whole(result, 0),
        a.integer("train_steps"),
        a.flag("transform"),
        a.flag("discrete"),
        floats(op.result(), out));
  }

  private static void stepSize(Operation op, Emission out) {
    TensorType grid = op.operand(0).type();
    call(
        op,
        out,
        "TimeGrid.stepSize",
        floats(op.operand(0), out),
        whole(grid, 0),
        whole(grid, 1),
        "step",
        op.attributes().integer("train_steps"),
        floats(op.result(), out));
  }
}
