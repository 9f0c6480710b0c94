package org.quantcache.passes.stack;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.QuantOps;

/**
 * One residual branch: {@code after = before + p}, where p is what the branch adds after its gate.
 *
 * @param kind of the branch
 * @param operation the one that adds
 * @param before the stream that the branch reads
 * @param after the stream behind it
 */
public record Addend(Kind kind, Operation operation, Value before, Value after) {
  /** Kind of a residual branch; model section 3.1. */
  public enum Kind {
    SPATIAL_ATTENTION("attention"),
    TEMPORAL_ATTENTION("attention"),
    CROSS_ATTENTION("cross"),
    FEED_FORWARD("feed-forward");

    private final String part;

    Kind(String part) {
      this.part = part;
    }

    /** What branches of this kind are called within their layer. */
    public String part() {
      return part;
    }
  }

  /** Products of floats among {@link #products}. */
  public List<Operation> linears() {
    return products().stream().filter(Addend::isLinear).toList();
  }

  /**
   * Products between {@link #before} and {@link #after}, rounded ones as well, in program order; not those of modulations
   * and gates.
   */
  public List<Operation> products() {
    Map<Value, Boolean> known = known();
    return operation.parent().operations().stream()
        .filter(op -> isLinear(op) || op.is(QuantOps.LINEAR))
        .filter(op -> known.containsKey(op.result()) && known.getOrDefault(op.operand(0), false))
        .toList();
  }

  /**
   * The product of the text that a cross-attention takes its keys and values from. It reads nothing of the stream and
   * may lie in front of the loop. Empty for other branches.
   */
  public Optional<Operation> keyValues() {
    Map<Value, Boolean> known = known();
    return operation.parent().operations().stream()
        .filter(op -> op.is(FusedOps.CROSS_ATTENTION) && known.containsKey(op.result()))
        .flatMap(op -> op.operand(1).definingOperation().stream())
        .filter(Addend::isLinear)
        .findFirst();
  }

  private static boolean isLinear(Operation op) {
    return op.is(NnOps.LINEAR) || op.is(FusedOps.LINEAR);
  }

  /** The values that {@code after} is made from, each with whether it reads the stream. */
  private Map<Value, Boolean> known() {
    Map<Value, Boolean> known = new IdentityHashMap<>();
    known.put(before, true);
    reads(after, known);
    return known;
  }

  /** Whether a value is made from the stream that the branch reads. */
  private boolean reads(Value value, Map<Value, Boolean> known) {
    Boolean answer = known.get(value);
    if (answer != null) {
      return answer;
    }
    boolean found = false;
    Optional<Operation> source = value.definingOperation();
    if (source.isPresent() && inStep(value)) {
      for (Value operand : source.get().operands()) {
        found |= reads(operand, known);
      }
    }
    known.put(value, found);
    return found;
  }

  /** Whether a value is made in every step: in the region of the branch, or in the loop in front of a guard around it. */
  private boolean inStep(Value value) {
    Region region = value.region();
    return region == operation.parent()
        || (region.owner().isPresent() && operation.parent().isInside(region));
  }
}
