package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.LIST;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Products of small whole numbers: activations are rounded when the program runs, weights beforehand. */
public final class QuantOps {
  public static final String ROWS = "quant.rows";
  public static final String EXTREMES = "quant.extremes";
  public static final String GRID = "quant.grid";
  public static final String ROUND = "quant.round";
  public static final String LINEAR = "quant.linear";

  /** Operand of a {@code quant.linear} that holds the weight; values and range come before it. */
  public static final int WEIGHT = 2;

  /** First operand of a {@code quant.linear} that its epilogue reads; scales and sums of the weight come before it. */
  public static final int EPILOGUE = 5;

  /** Below this the rounding of activations has no grid to speak of; run-time widths are held to it. */
  public static final int LEAST_BITS = 2;

  private static final String BITS = "4..8: bits of the values";
  private static final String DYNAMIC =
      "true: the last operand i32[] holds the bits of this run, between 2 and `bits`";

  private static final String CELL = "4 or 8: bits that a value takes in memory, 8 if absent";

  /** Operations on each number: looking for the extremes, and rounding. */
  private static final int NOTING = 2;

  private static final int ROUNDING = 4;

  private QuantOps() {}

  static List<OpDef> all() {
    return List.of(
        prepared(
                ROWS,
                "quant.rows(x, shift?, scale?, inverse?, bits?): `prologue` (norm_modulate with shift and scale as"
                    + " fused.norm_modulate, or gelu), times inverse[K], orthonormal Hadamard on blocks of `hadamard`"
                    + " channels; then round((x - least) / step) to unsigned values, step = (largest - least) / (2^bits -"
                    + " 1), over each row or the tensor. Results: values, and [step, least] in f32")
            .operands(1, 5)
            .required("bits", INT, BITS)
            .required("granularity", WORD, "token: a range for each row; tensor: one for all")
            .optional("dynamic", WORD, DYNAMIC)
            .optional("cell", INT, CELL)
            .types(QuantOps::rows)
            .flops((op, symbols) -> rowsFlops(op, symbols, NOTING + ROUNDING))
            .build(),
        prepared(
                EXTREMES,
                "quant.extremes(x, shift?, scale?, inverse?): [least, largest] in f32 of each row of what quant.rows"
                    + " rounds")
            .operands(1, 4)
            .types(QuantOps::extremes)
            .flops((op, symbols) -> rowsFlops(op, symbols, NOTING))
            .build(),
        OpDef.named(
                GRID,
                "quant.grid(extremes, bits?): [step, least] in f32 of the one grid that spans all rows, as quant.rows"
                    + " makes it for a tensor")
            .operands(1, 2)
            .required("bits", INT, BITS)
            .optional("dynamic", WORD, DYNAMIC)
            .traits(Trait.PURE)
            .types(QuantOps::grid)
            .flops((op, symbols) -> op.operand(0).elements().evaluate(symbols))
            .build(),
        prepared(
                ROUND,
                "quant.round(x, shift?, scale?, inverse?, grid, bits?): the values of quant.rows on the grid of"
                    + " quant.grid")
            .operands(2, 6)
            .required("bits", INT, BITS)
            .optional("dynamic", WORD, DYNAMIC)
            .optional("cell", INT, CELL)
            .types(QuantOps::round)
            .flops((op, symbols) -> rowsFlops(op, symbols, ROUNDING))
            .build(),
        OpDef.named(
                LINEAR,
                "quant.linear(values, range, w, w_scale, w_sum, ...) = step * w_scale[n] * (values W^T) + least *"
                    + " w_scale[n] * w_sum[n], the product exact in i32, followed by `epilogue` as in fused.linear; with"
                    + " groups of channels, w_scale and w_sum are [N, K / group] and the groups are added")
            .operands(EPILOGUE, EPILOGUE + 3)
            .required("epilogue", LIST, "words: bias, gelu, silu, gate, residual")
            .traits(Trait.PURE)
            .types(QuantOps::linear)
            .flops(QuantOps::linearFlops)
            .build());
  }

  /** Whether the operation is a product of quantized values, with or without a probe. */
  public static boolean isLinear(Operation operation) {
    return operation.is(LINEAR) || operation.is(ProbedOps.QUANT_LINEAR);
  }

  /** An operation on rows as quant.rows prepares them before it rounds. */
  private static OpDef.Builder prepared(String name, String meaning) {
    return OpDef.named(name, meaning)
        .required("prologue", LIST, "words: none, norm_modulate or gelu")
        .optional("hadamard", INT, "channels of a rotated block, a power of two; 0 for none")
        .optional("epsilon", FLOAT, "of the norm")
        .optional("inverse", WORD, "true: an operand f32[K] multiplies the channels")
        .traits(Trait.PURE);
  }

  /** Number of operands that the prologue of a {@code quant.rows} reads. */
  public static int prologueOperands(Attributes attributes) {
    return attributes.strings("prologue").contains("norm_modulate") ? 2 : 0;
  }

  private static List<TensorType> rows(Signature op) {
    int bits = requireBits(op, requirePrepared(op));
    List<Dim> dims = op.operand(0).dims();
    Granularity granularity = granularity(op);
    return List.of(values(op, bits, granularity), Shapes.f32(rangeDims(dims, granularity)));
  }

  private static List<TensorType> extremes(Signature op) {
    requireOperands(op, requirePrepared(op));
    return List.of(Shapes.f32(rangeDims(op.operand(0).dims(), Granularity.TOKEN)));
  }

  private static List<TensorType> grid(Signature op) {
    TensorType extremes = NnOps.sameActivation(op).get(0);
    Shapes.requireElement(op, 0, ScalarType.F32);
    op.require(
        extremes.dim(-1).equals(Dim.of(2)),
        "operand 0 holds pairs of extremes, found %s",
        extremes.text());
    requireBits(op, 1);
    return List.of(Shapes.f32(rangeDims(extremes.dims(), Granularity.TENSOR)));
  }

  private static List<TensorType> round(Signature op) {
    int operand = requirePrepared(op);
    op.require(operand < op.operands().size(), "has no operand for the grid");
    TensorType grid = Shapes.f32(rangeDims(op.operand(0).dims(), Granularity.TENSOR));
    op.require(
        op.operand(operand).equals(grid),
        "operand %d is %s, found %s",
        operand,
        grid.text(),
        op.operand(operand).text());
    return List.of(values(op, requireBits(op, operand + 1), Granularity.TENSOR));
  }

  private static TensorType values(Signature op, int bits, Granularity granularity) {
    TensorType x = op.operand(0);
    long cell = op.attributes().integer("cell", 8);
    op.require(cell == 4 || cell == 8, "values take 4 or 8 bits, found cell = %d", cell);
    op.require(bits <= cell, "values of %d bits do not fit cells of %d", bits, cell);
    op.require(
        cell == 8 || x.size(-1) % 2 == 0,
        "values of a row that share bytes are even in number, found %d",
        x.size(-1));
    return x.withElement(new QuantType(bits, (int) cell, granularity, 0, ScalarType.F32));
  }

  /** Checks what prepares rows; returns the index of the operand that comes next. */
  private static int requirePrepared(Signature op) {
    TensorType x = NnOps.sameActivation(op).get(0);
    Attributes a = op.attributes();
    List<String> prologue = a.strings("prologue");
    op.require(
        prologue.isEmpty()
            || prologue.equals(List.of("norm_modulate"))
            || prologue.equals(List.of("gelu")),
        "prologue is [], [norm_modulate] or [gelu], found %s",
        prologue);
    int operand = 1;
    if (prologueOperands(a) > 0) {
      op.require(a.has("epsilon"), "needs epsilon for its norm");
      op.require(op.operands().size() > 2, "needs shift and scale for its norm");
      for (; operand < 3; operand++) {
        Shapes.requireActivation(op, operand);
        Shapes.requireBroadcastable(op, operand, x.dims());
      }
    }
    if (a.flag("inverse")) {
      op.require(operand < op.operands().size(), "has no operand for inverse");
      Shapes.requireElement(op, operand, ScalarType.F32);
      Shapes.requireRow(op, operand);
      NnOps.requireBias(op, operand++, x.dim(-1));
    }
    long block = a.integer("hadamard", 0);
    if (block != 0) {
      WeightRules.requireBlock(op, block);
      WeightRules.requireDivides(op, "hadamard", block, x.size(-1));
    }
    return operand;
  }

  /** Checks the bits, of which those of a run are operand {@code next}, the last one; returns the most. */
  private static int requireBits(Signature op, int next) {
    int operand = next;
    if (op.attributes().flag("dynamic")) {
      op.require(operand < op.operands().size(), "has no operand for the bits of this run");
      Shapes.requireElement(op, operand, ScalarType.I32);
      Shapes.requireRank(op, operand++, 0);
    }
    requireOperands(op, operand);
    long bits = op.attributes().integer("bits");
    op.require(bits >= 4 && bits <= 8, "activations have 4..8 bits, found %d", bits);
    return (int) bits;
  }

  private static void requireOperands(Signature op, int count) {
    op.require(
        count == op.operands().size(),
        "takes %d operands, found %d",
        count,
        op.operands().size());
  }

  private static Granularity granularity(Signature op) {
    String word = op.attributes().word("granularity");
    op.require(
        word.equals("token") || word.equals("tensor"),
        "granularity is token or tensor, found %s",
        word);
    return Granularity.valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** A pair for each row, or one pair under axes of size 1. */
  private static List<Dim> rangeDims(List<Dim> values, Granularity granularity) {
    List<Dim> out = new ArrayList<>(
        granularity == Granularity.TOKEN ? values : Collections.nCopies(values.size(), Dim.of(1)));
    out.set(out.size() - 1, Dim.of(2));
    return out;
  }

  private static long rowsFlops(Signature op, ToLongFunction<String> symbols, int last) {
    List<String> prologue = op.attributes().strings("prologue");
    long perElement =
        last + (prologue.contains("norm_modulate") ? 10 : prologue.contains("gelu") ? 8 : 0);
    long block = op.attributes().integer("hadamard", 0);
    if (block > 1) {
      perElement += Long.numberOfTrailingZeros(block);
    }
    return Math.multiplyExact(perElement, op.operand(0).elements().evaluate(symbols));
  }

  static List<TensorType> linear(Signature op) {
    TensorType values = op.operand(0);
    TensorType weight = op.operand(WEIGHT);
    op.require(
        values.element() instanceof QuantType v && !v.isSigned(),
        "operand 0 holds quantized activations, found %s",
        values.text());
    op.require(
        weight.element() instanceof QuantType w && w.isSigned(),
        "operand 2 holds quantized weights, found %s",
        weight.text());
    QuantType activations = (QuantType) values.element();
    QuantType weights = (QuantType) weight.element();
    op.require(values.rank() >= 1, "operand 0 needs at least one axis");
    Shapes.requireRow(op, 0);
    Shapes.requireRank(op, WEIGHT, 2);
    op.require(
        values.dim(-1).equals(weight.dim(1)),
        "operand 0 has %s channels but the weight takes %s",
        values.dim(-1).text(),
        weight.dim(1).text());
    TensorType range = Shapes.f32(rangeDims(values.dims(), activations.granularity()));
    op.require(
        op.operand(1).equals(range),
        "operand 1 is %s, found %s",
        range.text(),
        op.operand(1).text());
    requireExact(op, activations, weights, weight.size(1));
    perOutput(op, 3, ScalarType.F32);
    perOutput(op, 4, ScalarType.I32);
    TensorType result =
        TensorType.of(resultElement(op), values.withDim(-1, weight.dim(0)).dims());
    FusedOps.requireEpilogue(op, EPILOGUE, result);
    return List.of(result);
  }

  /** The result is as declared, f32 or bf16; f32 when nothing is declared. */
  static ScalarType resultElement(Signature op) {
    boolean narrow = !op.declared().isEmpty() && op.declared().get(0).element() == ScalarType.BF16;
    return narrow ? ScalarType.BF16 : ScalarType.F32;
  }

  /** The sum of all products must fit 32 bits. */
  private static void requireExact(
      Signature op, QuantType activations, QuantType weights, long channels) {
    long largest = ((1L << activations.rangeBits()) - 1) << (weights.rangeBits() - 1);
    op.require(
        channels <= Integer.MAX_VALUE / largest,
        "the sum over %d channels of %d-bit by %d-bit products does not fit 32 bits",
        channels,
        activations.rangeBits(),
        weights.rangeBits());
  }

  private static void perOutput(Signature op, int operand, ScalarType element) {
    TensorType weight = op.operand(WEIGHT);
    QuantType quantized = (QuantType) weight.element();
    List<Dim> dims = new ArrayList<>(List.of(weight.dim(0)));
    if (quantized.granularity() == Granularity.GROUP) {
      WeightRules.requireDivides(op, "group", quantized.groupSize(), weight.size(1));
      dims.add(Dim.of(weight.size(1) / quantized.groupSize()));
    }
    TensorType expected = TensorType.of(element, dims);
    op.require(
        op.operand(operand).equals(expected),
        "operand %d is %s, found %s",
        operand,
        expected.text(),
        op.operand(operand).text());
  }

  static long linearFlops(Signature op, ToLongFunction<String> symbols) {
    long sums = op.declared().get(0).elements().evaluate(symbols);
    long macs = Math.multiplyExact(sums, op.operand(WEIGHT).size(1));
    return Math.addExact(
        Math.addExact(Math.multiplyExact(2, macs), Math.multiplyExact(3, sums)),
        FusedOps.epilogueFlops(op, symbols));
  }
}
