package org.quantcache.passes.lower;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.QuantOps;

/**
 * Rows that share one range cannot be rounded before all of them have been seen. It takes steps, in each of which no row
 * waits for another:
 *
 * <pre>{@code
 *   %v, %r = quant.rows(%x) <bits = 8, granularity = tensor, prologue = [gelu]>
 * becomes
 *   %e = quant.extremes(%x) <prologue = [gelu]>
 *   %r = quant.grid(%e) <bits = 8>
 *   %v = quant.round(%x, %r) <bits = 8, prologue = [gelu]>
 * }</pre>
 *
 * Rows are prepared twice: in memory they would take four times the bytes that they become. Rows with ranges of their own
 * stay as they are; one kernel reads each of them once.
 */
final class SplitRows {
  private SplitRows() {}

  /** A rule for the driver. */
  static boolean apply(Operation op, Rewriter rewriter) {
    Location place = op.location();
    if (!op.is(QuantOps.ROWS)
        || !op.attributes().word("granularity").equals("tensor")
        || !rewriter.mayRewrite("RowsSplit", place)) {
      return false;
    }
    Attributes all = op.attributes().without("granularity");
    Attributes preparation = all.without("bits").without("dynamic").without("cell");
    Attributes bits = Attributes.of("bits", all.get("bits"));
    List<Value> prepared = new ArrayList<>(op.operands());
    List<Value> asked = new ArrayList<>();
    if (all.flag("dynamic")) {
      bits = bits.with("dynamic", Attribute.word("true"));
      asked.add(prepared.remove(prepared.size() - 1));
    }
    Value extremes = create(op, QuantOps.EXTREMES, prepared, preparation, rewriter);
    asked.add(0, extremes);
    Value grid = create(op, QuantOps.GRID, asked, bits, rewriter);
    asked.set(0, grid);
    prepared.addAll(asked);
    Value values = create(op, QuantOps.ROUND, prepared, all, rewriter);
    rewriter.replace(op, List.of(values, grid));
    rewriter.report("RowsSplit", place, Attributes.NONE);
    return true;
  }

  private static Value create(
      Operation op, String name, List<Value> operands, Attributes attributes, Rewriter rewriter) {
    return rewriter
        .before(op)
        .create(name)
        .operands(operands)
        .attributes(attributes)
        .at(op.location())
        .result();
  }
}
