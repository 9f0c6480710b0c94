package org.quantcache.kernels.reference;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.host.Tables;
import org.quantcache.kernels.host.TextRows;
import org.quantcache.kernels.host.TimeGrid;
import org.quantcache.kernels.reference.Kernel.Call;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Operations that every device does on the host, in float32 as the original does; in float64 runs they are widened
 * afterwards, and text rows are moved as they are.
 */
final class ModelKernels {
  private ModelKernels() {}

  static void register(Map<String, Kernel> table) {
    table.put(ModelOps.TIMESTEP, ModelKernels::timestep);
    table.put(ModelOps.POSITION, ModelKernels::position);
    table.put(ModelOps.ROPE_FREQUENCIES, ModelKernels::ropeFrequencies);
    table.put(ModelOps.ROPE_TABLE, ModelKernels::ropeTable);
    table.put(ModelOps.TEXT_PACK, ModelKernels::textPack);
    table.put(ModelOps.TEXT_UNPACK, ModelKernels::textUnpack);
    table.put(ModelOps.TIME_GRID, ModelKernels::timeGrid);
    table.put(ModelOps.STEP_SIZE, ModelKernels::stepSize);
  }

  private static Tensor result(Call call) {
    return Tensor.zeros(ScalarType.F32, call.sizes());
  }

  private static List<Tensor> widened(Call call, Tensor result) {
    return List.of(result.as(call.element()));
  }

  /** Elements as float32, of a tensor that is only read. */
  private static FloatBuffer floats(Tensor tensor) {
    return tensor.as(ScalarType.F32).data().asFloatBuffer();
  }

  /** The bytes of a tensor of floats, moved four at a time. */
  private static FloatBuffer words(Tensor tensor) {
    return tensor.data().asFloatBuffer();
  }

  private static int words(ScalarType element) {
    return element.bytes() / Float.BYTES;
  }

  private static List<Tensor> timestep(Call call) {
    Tensor out = result(call);
    Tables.timestep(
        floats(call.input(0)),
        call.input(0).count(),
        (int) call.attributes().integer("width"),
        call.attributes().real("max_period"),
        words(out));
    return widened(call, out);
  }

  private static List<Tensor> position(Call call) {
    Tensor out = result(call);
    Attributes a = call.attributes();
    Tables.position(
        (float) call.input(0).get(0),
        (float) call.input(1).get(0),
        (int) a.integer("rows"),
        (int) a.integer("cols"),
        (int) a.integer("channels"),
        (int) a.integer("reference_size"),
        words(out));
    return widened(call, out);
  }

  private static List<Tensor> ropeFrequencies(Call call) {
    Tensor out = result(call);
    Tables.ropeFrequencies(out.count(), call.attributes().real("theta"), words(out));
    return widened(call, out);
  }

  private static List<Tensor> ropeTable(Call call) {
    Tensor out = result(call);
    Tensor frequencies = call.input(0);
    Tables.ropeTable(
        floats(frequencies),
        frequencies.count(),
        (int) call.attributes().integer("positions"),
        words(out));
    return widened(call, out);
  }

  private static List<Tensor> textPack(Call call) {
    Tensor rows = call.input(0);
    Tensor mask = call.input(1);
    Tensor out = Tensor.zeros(rows.element(), call.sizes());
    Tensor lengths = Tensor.zeros(ScalarType.I32, call.resultSizes().get(1));
    TextRows.pack(
        words(rows),
        mask.element() == ScalarType.I64
            ? TextRows.mask(mask.data().asLongBuffer())
            : TextRows.mask(mask.data()),
        (int) mask.size(0),
        (int) rows.size(0),
        (int) rows.size(1),
        (int) rows.size(2) * words(rows.element()),
        words(out),
        lengths.data().asIntBuffer());
    return List.of(out, lengths);
  }

  private static List<Tensor> textUnpack(Call call) {
    Tensor packed = call.input(0);
    Tensor out = Tensor.zeros(packed.element(), call.sizes());
    Tensor lengths = Tensor.zeros(ScalarType.I32, call.resultSizes().get(1));
    TextRows.unpack(
        words(packed),
        call.input(1).data().asLongBuffer(),
        (int) packed.size(1),
        (int) out.size(0),
        (int) out.size(1),
        (int) out.size(2) * words(out.element()),
        words(out),
        lengths.data().asIntBuffer());
    return List.of(out, lengths);
  }

  private static List<Tensor> timeGrid(Call call) {
    Tensor out = result(call);
    TimeGrid.fill(
        floats(call.input(0)),
        floats(call.input(1)),
        floats(call.input(2)),
        (int) out.size(1),
        (int) out.size(0),
        (int) call.attributes().integer("train_steps"),
        call.attributes().flag("transform"),
        call.attributes().flag("discrete"),
        words(out));
    return widened(call, out);
  }

  private static List<Tensor> stepSize(Call call) {
    Tensor grid = call.input(0);
    Tensor out = result(call);
    TimeGrid.stepSize(
        floats(grid),
        (int) grid.size(0),
        (int) grid.size(1),
        (int) call.input(1).getLong(0),
        (int) call.attributes().integer("train_steps"),
        words(out));
    return widened(call, out);
  }
}
