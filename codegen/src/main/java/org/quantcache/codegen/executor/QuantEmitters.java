package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.codegen.tir.GridSpec;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.pack.QuadPacker;

/** Rounding of activations, and products of what was rounded. */
final class QuantEmitters {
  private QuantEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(QuantOps.ROWS, (op, out) -> rows(op, Part.ROWS, out));
    table.put(QuantOps.EXTREMES, (op, out) -> rows(op, Part.EXTREMES, out));
    table.put(QuantOps.GRID, QuantEmitters::grid);
    table.put(QuantOps.ROUND, (op, out) -> rows(op, Part.ROUND, out));
    table.put(QuantOps.LINEAR, (op, out) -> linear(op, Probe.NONE, out));
    table.put(
        ProbedOps.QUANT_LINEAR, (op, out) -> ProbeEmitters.product(op, out, QuantEmitters::linear));
  }

  private static void rows(Operation op, Part part, Emission out) {
    Attributes a = op.attributes();
    requireOwnRanges(op, out);
    TensorType x = op.operand(0).type();
    List<String> words = a.strings("prologue");
    Prologue prologue =
        words.isEmpty() ? Prologue.NONE : Prologue.valueOf(words.get(0).toUpperCase(Locale.ROOT));
    boolean norm = prologue == Prologue.NORM_MODULATE;
    int cell = part == Part.EXTREMES ? Byte.SIZE : cellBits(op.results().get(0));
    requirePairs(op, cell == Byte.SIZE || out.target().readsPairs(), out);
    QuantRowsSpec spec = new QuantRowsSpec(
        (int) x.size(-1),
        prologue,
        norm ? a.real("epsilon") : 0,
        a.flag("inverse"),
        (int) a.integer("hadamard", 0),
        (int) a.integer("bits", 0),
        cell,
        a.flag("dynamic"),
        part);
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0)));
    pointers.addAll(op.results());
    pointers.addAll(op.operands().subList(1, op.operandCount()));
    List<String> numbers = new ArrayList<>();
    if (norm) {
      KernelEmitters.modulationGroups(op).forEach(n -> numbers.add(Long.toString(n)));
    }
    out.launch(op, spec, pointers, numbers, Places.size(KernelEmitters.rows(x)));
  }

  private static void requireOwnRanges(Operation op, Emission out) {
    if (op.attributes().word("granularity", "token").equals("tensor")) {
      throw UserError.of(
              "CG0205",
              "the %s device has no kernel for '%s' at %s, which has one range for all rows",
              out.target().device(),
              op.name(),
              op.location().text())
          .withHint("run the pass 'lower' first");
    }
  }

  private static void grid(Operation op, Emission out) {
    GridSpec spec =
        new GridSpec((int) op.attributes().integer("bits"), op.attributes().flag("dynamic"));
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0), op.result()));
    pointers.addAll(op.operands().subList(1, op.operandCount()));
    String rows = Places.size(KernelEmitters.rows(op.operand(0).type()));
    out.launch(op, spec, pointers, List.of(rows), "1");
  }

  /** A product of bytes. @param probe what is measured of it in this launch */
  private static void linear(Operation op, Probe probe, Emission out) {
    TensorType values = op.operand(0).type();
    TensorType weight = op.operand(QuantOps.WEIGHT).type();
    KernelEmitters.requireReadable(op, weight, out);
    requireWholeGroups(op, weight);
    QuantType activations = (QuantType) values.element();
    QuantType weights = (QuantType) weight.element();
    int channels = (int) weight.size(1);
    Epilogue epilogue = KernelEmitters.epilogue(op).with(probe);
    requirePairs(
        op,
        activations.cellBits() == 8
            || out.target().readsPairs() && weights.cellBits() == activations.cellBits(),
        out);
    IntegerGemmSpec spec = new IntegerGemmSpec(
        (int) weight.size(0),
        channels,
        activations.rangeBits(),
        activations.cellBits(),
        weights.rangeBits(),
        weights.cellBits(),
        weights.granularity() == Granularity.GROUP ? weights.groupSize() : channels,
        epilogue);
    List<Value> pointers = new ArrayList<>(op.operands().subList(0, QuantOps.EPILOGUE));
    pointers.add(op.results().get(0));
    Dim rows = KernelEmitters.rows(values);
    boolean perRow = activations.granularity() == Granularity.TOKEN;
    List<String> numbers = new ArrayList<>(List.of(Places.size(rows), perRow ? "2" : "0"));
    KernelEmitters.epilogueArguments(op, QuantOps.EPILOGUE, epilogue, pointers, numbers);
    out.launch(op, spec, pointers, numbers, out.target().productItems(spec, rows));
  }

  private static int cellBits(Value values) {
    return ((QuantType) values.type().element()).cellBits();
  }

  private static void requirePairs(Operation op, boolean readable, Emission out) {
    if (!readable) {
      throw UserError.of(
              "CG0211",
              "'%s' at %s has activations that share bytes, products of %s read %s",
              op.name(),
              op.location().text(),
              out.target().device(),
              out.target().readsPairs()
                  ? "them with weights of 4 bits alone"
                  : "one activation a byte")
          .withHint("leave cell = 4 of quant.rows to 'lower'");
    }
  }

  private static void requireWholeGroups(Operation op, TensorType weight) {
    int group = ((QuantType) weight.element()).groupSize();
    if (group % QuadPacker.QUAD != 0) {
      throw UserError.of(
              "CG0210",
              "the weight of '%s' at %s has groups of %d channels, kernels read whole quads",
              op.name(),
              op.location().text(),
              group)
          .withHint("use groups of a multiple of %d channels", QuadPacker.QUAD);
    }
  }
}
