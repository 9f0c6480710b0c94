package org.quantcache.passes.stack;

import java.util.List;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.StructureOps;

/** Moves work of a loop into the region of an operation that may leave it out. */
public final class Enclosure {
  private Enclosure() {}

  /**
   * Builds an operation whose region yields {@code result} and takes in whatever serves nothing else; all others read the
   * result of the operation instead.
   *
   * @param spec the operation, to stand behind the one that gives {@code result}; its region is still missing
   */
  public static Operation around(Value result, OpBuilder.OpSpec spec, Rewriter rewriter) {
    Operation last = result.definingOperation().orElseThrow();
    Operation enclosing = spec.at(last.location())
        .region(
            List.of(),
            List.of(),
            (inner, none) -> inner.create(StructureOps.YIELD).operands(result).build())
        .names(result.nameHint())
        .build();
    Operation yield = enclosing.regions().get(0).terminator();
    rewriter.replaceUses(result, enclosing.result());
    rewriter.setOperand(yield, 0, result);
    sink(enclosing, rewriter);
    return enclosing;
  }

  private static void sink(Operation enclosing, Rewriter rewriter) {
    Region inside = enclosing.regions().get(0);
    List<Operation> operations = enclosing.parent().operations();
    for (int i = operations.indexOf(enclosing) - 1; i >= 0; i--) {
      Operation operation = operations.get(i);
      boolean serves = operation.definition().has(Trait.PURE)
          && operation.results().stream()
              .flatMap(r -> r.uses().stream())
              .allMatch(user -> user.parent().isInside(inside));
      if (serves) {
        rewriter.moveBefore(operation, inside.operations().get(0));
      }
    }
  }

  /** A tensor like {@code like} that keeps its content over the steps of {@code loop}. */
  public static Value slot(Operation loop, String name, Value like, Rewriter rewriter) {
    return rewriter
        .before(loop)
        .create(CacheOps.SLOT)
        .types(like.type())
        .at(loop.location())
        .names(name)
        .result();
  }
}
