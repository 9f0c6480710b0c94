package org.quantcache.passes.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;

/**
 * Gives every value its place in one arena per function: attribute {@code at} on operations, {@code params_at} and
 * {@code arena_bytes} on functions, {@code args_at} on loops (-1 for the step index). Symbolic sizes count at their
 * bounds. Largest values are placed first, each at the lowest free place.
 */
public final class MemoryPlanPass implements Pass {
  /** Every value starts at a multiple of a cache line. */
  public static final long ALIGNMENT = 64;

  private static final PassInfo INFO = new PassInfo(
      "memory-plan",
      "place every value in one arena",
      Numerics.EXACT,
      List.of(Stage.LOWERED),
      List.of(Stage.PLANNED),
      List.of(Stage.PLANNED),
      List.of(OptionSpec.flag(
          "in-place", true, "let a result take the memory of an operand that dies")));

  private final boolean inPlace;

  private MemoryPlanPass(Options options) {
    this.inPlace = options.flag("in-place");
  }

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, MemoryPlanPass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    for (Function function : module.functions()) {
      Lifetimes lifetimes = Lifetimes.of(module, function, inPlace);
      long bytes = place(lifetimes.slots());
      List<Long> parameters = offsets(lifetimes, function.parameters());
      rewriter.setAttributes(
          function,
          function
              .attributes()
              .with("params_at", Attribute.longs(parameters))
              .with("arena_bytes", Attribute.of(bytes)));
      function.body().walk(operation -> annotate(operation, lifetimes, rewriter));
    }
    MemoryPlanChecker.check(module);
  }

  private static void annotate(Operation operation, Lifetimes lifetimes, Rewriter rewriter) {
    Attributes attributes = operation.attributes();
    boolean placed = !operation.results().isEmpty()
        && !operation.is(StructureOps.WEIGHT_GET)
        && operation.results().stream().allMatch(r -> lifetimes.slot(r) != null);
    if (placed) {
      attributes = attributes.with("at", Attribute.longs(offsets(lifetimes, operation.results())));
    }
    if (operation.is(StructureOps.LOOP)) {
      attributes = attributes.with(
          "args_at",
          Attribute.longs(offsets(lifetimes, operation.regions().get(0).arguments())));
    }
    rewriter.setAttributes(operation, attributes);
  }

  private static List<Long> offsets(Lifetimes lifetimes, List<Value> values) {
    List<Long> out = new ArrayList<>();
    for (Value value : values) {
      Slot slot = lifetimes.slot(value);
      out.add(slot == null ? -1L : slot.offset);
    }
    return out;
  }

  /** Gives each slot an offset; returns the bytes of the arena. */
  static long place(List<Slot> slots) {
    List<Slot> order = new ArrayList<>(slots);
    order.sort(Comparator.comparingLong((Slot s) -> -s.bytes).thenComparingInt(s -> s.start));
    List<Slot> placed = new ArrayList<>();
    long bytes = 0;
    for (Slot slot : order) {
      List<Slot> rivals =
          new ArrayList<>(placed.stream().filter(slot::overlapsInTime).toList());
      rivals.sort(Comparator.comparingLong(s -> s.offset));
      long offset = 0;
      for (Slot rival : rivals) {
        if (offset + slot.bytes <= rival.offset) {
          break;
        }
        offset = Math.max(offset, aligned(rival.offset + rival.bytes));
      }
      slot.offset = offset;
      placed.add(slot);
      bytes = Math.max(bytes, aligned(offset + slot.bytes));
    }
    return bytes;
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
