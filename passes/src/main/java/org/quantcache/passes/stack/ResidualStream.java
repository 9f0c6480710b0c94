package org.quantcache.passes.stack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.stack.Addend.Kind;

/**
 * The residual branches of the body of a loop or function in order, as passes {@code fuse} and {@code aigq} leave them: a product with
 * epilogue {@code residual} whose other input comes out of the very value that it adds to. Locations play no part, so IR that
 * was edited or lost them is treated alike.
 *
 * @param addends branches, each reading what the one before gave; empty when there is no such chain
 */
public record ResidualStream(List<Addend> addends) {
  public ResidualStream {
    addends = List.copyOf(addends);
  }

  /** Finds the stream of a loop body; guards and branches are looked into. */
  public static ResidualStream of(Region body) {
    Chain chain = new Chain(body);
    chain.follow(body);
    return new ResidualStream(chain.addends);
  }

  /** Follows the stream through a loop body. */
  private static final class Chain {
    private final Region body;
    private final List<Addend> addends = new ArrayList<>();
    private Value end;

    Chain(Region body) {
      this.body = body;
    }

    void follow(Region region) {
      for (Operation operation : region.operations()) {
        if (operation.is(CacheOps.GUARD) || operation.is(PruneOps.BRANCH)) {
          Region inside = operation.regions().get(0);
          follow(inside);
          boolean leaves = end != null && inside.terminator().operand(0) == end;
          end = leaves ? operation.result() : end;
        } else {
          residual(operation).ifPresent(before -> add(operation, before));
        }
      }
    }

    private void add(Operation operation, Value before) {
      boolean continues = end == null || end == before;
      if (continues && before.region().isInside(body)) {
        kind(operation, before, body).ifPresent(kind -> {
          addends.add(new Addend(kind, operation, before, operation.result()));
          end = operation.result();
        });
      }
    }
  }

  /** The stream of a loop. @throws UserError PA0501 when there is none */
  public static ResidualStream require(Operation loop) {
    ResidualStream stream = of(loop.regions().get(0));
    if (stream.addends().isEmpty()) {
      throw UserError.of(
              "PA0501",
              "the loop at %s has no block stack: no fused.linear adds to the value that it reads",
              loop.location().text())
          .withHint("run 'fuse' before");
    }
    return stream;
  }

  /**
   * The streams of a module: one for each loop, and one for each function without a loop that computes the network once.
   *
   * @throws UserError PA0501 when a loop has none
   */
  public static List<ResidualStream> all(IrModule module) {
    List<ResidualStream> out = new ArrayList<>();
    for (Function function : module.functions()) {
      List<Operation> loops = function.body().operations().stream()
          .filter(op -> op.is(StructureOps.LOOP))
          .toList();
      loops.forEach(loop -> out.add(require(loop)));
      if (loops.isEmpty()) {
        out.add(of(function.body()));
      }
    }
    return out;
  }

  /** The layers that the branches make up, in order. */
  public List<Layer> layers() {
    return Layer.of(addends);
  }

  /** The branches of one kind, in order. */
  public List<Addend> of(Kind kind) {
    return addends.stream().filter(a -> a.kind() == kind).toList();
  }

  /** Number of the branch at half depth among those of its kind. */
  public int half(Kind kind) {
    return of(kind).size() / 2;
  }

  private static Optional<Value> residual(Operation operation) {
    OptionalInt operand = FusedOps.epilogueOperand(operation, "residual");
    return operand.isPresent()
        ? Optional.of(operation.operand(operand.getAsInt()))
        : Optional.empty();
  }

  /** What the branch does between {@code before} and the operation that adds; empty when it does not read it. */
  private static Optional<Kind> kind(Operation adding, Value before, Region body) {
    Kind kind = Kind.FEED_FORWARD;
    boolean reads = false;
    Set<Value> seen = new HashSet<>();
    Deque<Value> open = new ArrayDeque<>();
    open.add(adding.operand(0));
    while (!open.isEmpty()) {
      Value value = open.remove();
      if (value == before) {
        reads = true;
        continue;
      }
      Optional<Operation> source = value.definingOperation();
      if (source.isEmpty() || !value.region().isInside(body) || !seen.add(value)) {
        continue;
      }
      if (source.get().is(FusedOps.CROSS_ATTENTION)) {
        kind = Kind.CROSS_ATTENTION;
      } else if (AttentionOps.isSelfAttention(source.get())) {
        kind = source.get().attributes().integer("axis") == 1
            ? Kind.TEMPORAL_ATTENTION
            : Kind.SPATIAL_ATTENTION;
      }
      open.addAll(source.get().operands());
    }
    return reads ? Optional.of(kind) : Optional.empty();
  }
}
