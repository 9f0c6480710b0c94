package org.quantcache.passes.instruments;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/**
 * What a program is planned to do, block by block of the model, before the first pass and after the last: FLOP, bytes moved
 * and launches, symbolic sizes at their bounds, guards and branches as if they computed.
 */
public final class ProfilePlan implements PassInstrument {
  /** A numbered part of the model, such as {@code spatial_blocks.12}, or its first word. */
  private static final Pattern BLOCK =
      Pattern.compile("[^.]*(?:\\.[^.]*?)*?\\.[0-9]+(?=\\.|$)|[^.]+");

  private static final Set<String> NO_LAUNCH = Set.of(
      StructureOps.WEIGHT_GET,
      StructureOps.CONSTANT,
      StructureOps.RETURN,
      StructureOps.YIELD,
      StructureOps.OBSERVE,
      CacheOps.SLOT);

  /** A block, in natural order: block 2 stands before block 10. */
  private record Key(String function, String when, String block) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return sortable().compareTo(other.sortable());
    }

    private String sortable() {
      Matcher digits = Pattern.compile("[0-9]+").matcher(block);
      return function + " " + when + " "
          + digits.replaceAll(n -> String.format(Locale.ROOT, "%6s", n.group()));
    }
  }

  private record Work(Cost cost, long launches) {
    static final Work NONE = new Work(Cost.ZERO, 0);

    Work plus(Work other) {
      return new Work(cost.plus(other.cost), launches + other.launches);
    }
  }

  private Map<Key, Work> before = new TreeMap<>();
  private Map<Key, Work> after = new TreeMap<>();

  @Override
  public void start(IrModule module) {
    before = plan(module);
    after = before;
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    after = changed ? plan(module) : after;
  }

  private static Map<Key, Work> plan(IrModule module) {
    Map<Key, Work> out = new TreeMap<>();
    for (Function function : module.functions()) {
      add(module, function, function.body(), "once", out);
    }
    return out;
  }

  private static void add(
      IrModule module, Function function, Region region, String when, Map<Key, Work> out) {
    for (Operation op : region.operations()) {
      boolean launches = op.regions().isEmpty()
          && !NO_LAUNCH.contains(op.name())
          && !op.definition().has(Trait.VIEW);
      Work work = new Work(op.definition().cost(op, module::bound), launches ? 1 : 0);
      out.merge(new Key(function.name(), when, block(op)), work, Work::plus);
      for (Region inner : op.regions()) {
        add(module, function, inner, op.is(StructureOps.LOOP) ? "step" : when, out);
      }
    }
  }

  private static String block(Operation op) {
    Matcher block = BLOCK.matcher(
        op.location().paths().isEmpty() ? "-" : op.location().paths().get(0));
    return block.lookingAt() ? block.group() : "-";
  }

  /** A line for each block, once or per step, that has work before or after; then their sums. */
  public String text() {
    StringBuilder out = new StringBuilder(String.format(
        Locale.ROOT,
        "%-28s %-5s %20s %20s %14s%n",
        "planned work of",
        "when",
        "GFLOP",
        "MB moved",
        "launches"));
    Map<Key, Work> sumsBefore = new TreeMap<>();
    Map<Key, Work> sumsAfter = new TreeMap<>();
    Set<Key> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (Key key : keys) {
      Work was = before.getOrDefault(key, Work.NONE);
      Work is = after.getOrDefault(key, Work.NONE);
      if (!was.equals(Work.NONE) || !is.equals(Work.NONE)) {
        out.append(line(key.block, key.when, was, is));
      }
      Key sum = new Key(key.function, key.when, "@" + key.function);
      sumsBefore.merge(sum, was, Work::plus);
      sumsAfter.merge(sum, is, Work::plus);
    }
    sumsBefore.forEach(
        (key, was) -> out.append(line(key.block, key.when, was, sumsAfter.get(key))));
    return out.toString();
  }

  private static String line(String block, String when, Work was, Work is) {
    return String.format(
        Locale.ROOT,
        "%-28s %-5s %8.4f -> %8.4f %8.2f -> %8.2f %5d -> %5d%n",
        block,
        when,
        was.cost.flops() / 1e9,
        is.cost.flops() / 1e9,
        was.cost.bytes() / 1e6,
        is.cost.bytes() / 1e6,
        was.launches,
        is.launches);
  }
}
