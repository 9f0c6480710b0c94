package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.LIST;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.List;
import java.util.function.ToLongFunction;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;

/**
 * Products that measure what they store while it is in registers, so that a probe costs no pass over memory of its own.
 * Pass {@code lower} makes one of a product with a probe behind it.
 */
public final class ProbedOps {
  public static final String LINEAR = "fused.linear_probe";
  public static final String QUANT_LINEAR = "quant.linear_probe";

  /** Value of {@code probed}: p is the result less its residual. */
  public static final String ADDEND = "addend";

  /** The other value of {@code probed}: p is the result. */
  public static final String VALUE = "value";

  private static final String MEASURED =
      ", and compares p, the result or what it adds to its residual, with the last operand, which has the sizes of the"
          + " result: second result, for each tile of it, the sums of p * held, of p * p, of held * held, of |p - held|"
          + " and of |held|; then held := p";

  private ProbedOps() {}

  static List<OpDef> all() {
    return List.of(
        product(LINEAR, "fused.linear_probe(x, w, ..., held): fused.linear", 3, 6)
            .types(op -> types(op, FusedOps.linear(unprobed(op))))
            .flops((op, symbols) -> flops(op, FusedOps.linearFlops(op, symbols), symbols))
            .build(),
        product(
                QUANT_LINEAR,
                "quant.linear_probe(values, range, w, w_scale, w_sum, ..., held): quant.linear",
                QuantOps.EPILOGUE + 1,
                QuantOps.EPILOGUE + 4)
            .types(op -> types(op, QuantOps.linear(unprobed(op))))
            .flops((op, symbols) -> flops(op, QuantOps.linearFlops(op, symbols), symbols))
            .build());
  }

  private static OpDef.Builder product(String name, String summary, int least, int most) {
    return OpDef.named(name, summary + MEASURED)
        .operands(least, most)
        .required("epilogue", LIST, "as of the product without a probe")
        .required("probed", WORD, "p: addend, the result less its residual; or value, the result")
        .required("tile", LIST, "rows and columns of a tile; columns divide those of the result");
  }

  /** Whether the operation is a product that measures. */
  public static boolean isProbed(Operation operation) {
    return operation.is(LINEAR) || operation.is(QUANT_LINEAR);
  }

  /** The product without its probe. */
  private static Signature unprobed(Signature op) {
    List<TensorType> declared = op.declared();
    return new Signature(
        op.name(),
        op.operands().subList(0, op.operands().size() - 1),
        op.attributes(),
        declared.subList(0, Math.min(1, declared.size())));
  }

  private static List<TensorType> types(Signature op, List<TensorType> product) {
    TensorType result = product.get(0);
    int held = op.operands().size() - 1;
    Shapes.requireActivation(op, held);
    Shapes.requireRow(op, held);
    op.require(
        op.operand(held).dims().equals(result.dims()),
        "holds %s, expected the sizes of %s",
        op.operand(held).text(),
        result.text());
    Attributes a = op.attributes();
    String probed = a.word("probed");
    op.require(
        probed.equals(VALUE)
            || (probed.equals(ADDEND) && a.strings("epilogue").contains("residual")),
        "probed is value, or addend where the epilogue adds to a residual; found %s",
        probed);
    List<Long> tile = a.longs("tile");
    op.require(
        tile.size() == 2 && tile.stream().allMatch(size -> size > 0),
        "a tile has rows and columns, found %s",
        tile);
    op.require(fits(result, tile), "%s is not made of tiles of %s", result.text(), tile);
    return List.of(result, sums(result, tile));
  }

  /** Whether a result has whole columns of such tiles, and a known number of rows where a tile has more than one. */
  public static boolean fits(TensorType result, List<Long> tile) {
    return result.size(-1) % tile.get(1) == 0
        && (tile.get(0) == 1 || rows(result).isConstant());
  }

  /**
   * Type of the sums of a result, {@code f32[tiles, 5]}.
   *
   * @param tile rows and columns that {@link #fits} accepts
   */
  public static TensorType sums(TensorType result, List<Long> tile) {
    Dim rows = rows(result);
    Dim down = tile.get(0) == 1
        ? rows
        : Dim.of((rows.constant().getAsLong() + tile.get(0) - 1) / tile.get(0));
    return Shapes.f32(
        down.times(Dim.of(result.size(-1) / tile.get(1))), Dim.of(PruneOps.PROBE_SUMS));
  }

  private static Dim rows(TensorType result) {
    Dim rows = Dim.of(1);
    for (int axis = 0; axis < result.rank() - 1; axis++) {
      rows = rows.times(result.dim(axis));
    }
    return rows;
  }

  /** What a probe takes for each element: a difference, three products, two magnitudes, five additions. */
  private static long flops(Signature op, long product, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    return Math.addExact(product, Math.multiplyExact(11, elements));
  }
}
