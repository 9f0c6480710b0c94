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

  private static final String TAKEN_OVER = "MemoryTakenOver";
  private static final String SHARED = "MemoryShared";

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
      Lifetimes lifetimes =
          Lifetimes.of(module, function, op -> inPlace && mayTakeOver(op, rewriter));
      rewriter.setAttributes(function, function.attributes().with("params_at", Attribute.longs()));
      long bytes = place(lifetimes.slots(), new Places(function, rewriter), rewriter);
      rewriter.setAttributes(
          function, function.attributes().with("arena_bytes", Attribute.of(bytes)));
    }
    MemoryPlanChecker.check(module);
  }

  private static boolean mayTakeOver(Operation op, Rewriter rewriter) {
    boolean may = rewriter.mayRewrite(TAKEN_OVER, op.location());
    if (may) {
      rewriter.report(TAKEN_OVER, op.location(), Attributes.NONE);
    }
    return may;
  }

  /**
   * Gives each slot an offset and states it; returns the bytes of the arena. A slot that may not lie where others have lain
   * gets memory of its own.
   */
  private static long place(List<Slot> slots, Places places, Rewriter rewriter) {
    List<Slot> order = new ArrayList<>(slots);
    order.sort(Comparator.comparingLong((Slot s) -> -s.bytes).thenComparingInt(s -> s.start));
    List<Slot> placed = new ArrayList<>();
    long bytes = 0;
    for (Slot slot : order) {
      long lowest = lowest(slot, placed);
      boolean shares = lowest < bytes && rewriter.mayRewrite(SHARED, slot.location());
      slot.offset = shares ? lowest : bytes;
      placed.add(slot);
      bytes = Math.max(bytes, aligned(slot.offset + slot.bytes));
      places.state(slot);
      if (shares) {
        rewriter.report(SHARED, slot.location(), Attributes.NONE);
      }
    }
    return bytes;
  }

  /** The lowest free place at the time of a slot. */
  private static long lowest(Slot slot, List<Slot> placed) {
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
    return offset;
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
