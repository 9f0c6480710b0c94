package org.quantcache.passes.instruments;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.cost.FunctionCost;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.memory.Footprint;

/**
 * Rewrites by event, operations that every pass added or removed, the work of every function at its largest sizes, and the
 * memory that weights and values need.
 */
public final class Statistics implements PassInstrument {
  /**
   * What one pass did.
   *
   * @param number from 1
   * @param pass name
   * @param rewrites number of rewrites by event
   * @param missed number of missed chances by event
   * @param operations change of the number of operations by name, without zeros
   * @param before work of every function before the pass, symbolic sizes at their bounds
   * @param after the same after it
   * @param memoryBefore bytes of weights and of values before the pass
   * @param memoryAfter the same after it
   */
  public record Entry(
      int number,
      String pass,
      Map<String, Long> rewrites,
      Map<String, Long> missed,
      Map<String, Long> operations,
      Map<String, Work> before,
      Map<String, Work> after,
      Footprint memoryBefore,
      Footprint memoryAfter) {}

  /**
   * Work of one function.
   *
   * @param once outside of its loops
   * @param perStep in one turn of every loop
   */
  public record Work(Cost once, Cost perStep) {}

  private final List<Entry> entries = new ArrayList<>();
  private Map<String, Long> rewrites = new TreeMap<>();
  private Map<String, Long> missed = new TreeMap<>();
  private Map<String, Long> counted = new TreeMap<>();
  private Map<String, Work> work = new LinkedHashMap<>();
  private Footprint memory = new Footprint(0, Map.of());

  /** One entry for each pass that has run. */
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    rewrites = new TreeMap<>();
    missed = new TreeMap<>();
    counted = operations(module);
    work = work(module);
    memory = Footprint.of(module);
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    entries.add(new Entry(
        number,
        pass.name(),
        rewrites,
        missed,
        difference(counted, operations(module)),
        work,
        work(module),
        memory,
        Footprint.of(module)));
  }

  @Override
  public void rewritten(PassInfo pass, String event, Location location, Attributes details) {
    rewrites.merge(event, 1L, Long::sum);
  }

  @Override
  public void missed(PassInfo pass, String event, Location location, String reason) {
    missed.merge(event, 1L, Long::sum);
  }

  /** Number of operations by name, weight definitions included. */
  static Map<String, Long> operations(IrModule module) {
    Map<String, Long> out = new TreeMap<>();
    module.globals().forEach(op -> out.merge(op.name(), 1L, Long::sum));
    module.walk(op -> out.merge(op.name(), 1L, Long::sum));
    return out;
  }

  private static Map<String, Work> work(IrModule module) {
    Map<String, Work> out = new LinkedHashMap<>();
    for (FunctionCost function : CostReport.of(module, module::bound).functions()) {
      out.put(function.name(), new Work(function.once(), function.perStep()));
    }
    return out;
  }

  private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> out = new TreeMap<>();
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      long change = after.getOrDefault(name, 0L) - before.getOrDefault(name, 0L);
      if (change != 0) {
        out.put(name, change);
      }
    }
    return out;
  }

  /** A block of lines for each pass, and one for the memory before and after all of them. */
  public String text() {
    StringBuilder out = new StringBuilder();
    for (Entry entry : entries) {
      out.append(entry.number()).append(' ').append(entry.pass()).append(System.lineSeparator());
      entry.rewrites().forEach((event, count) -> out.append(line(event, "%d", count)));
      entry.missed().forEach((event, count) -> out.append(line(event + " (missed)", "%d", count)));
      entry.operations().forEach((name, change) -> out.append(line(name, "%+d", change)));
      entry.after().forEach((function, work) -> {
        Work before = entry.before().get(function);
        out.append(change("@" + function + " once", before.once(), work.once()));
        out.append(change("@" + function + " per step", before.perStep(), work.perStep()));
      });
      if (!entry.memoryBefore().equals(entry.memoryAfter())) {
        out.append(memory(entry.memoryBefore(), entry.memoryAfter()));
      }
    }
    if (!entries.isEmpty()) {
      out.append("all").append(System.lineSeparator());
      out.append(
          memory(entries.get(0).memoryBefore(), entries.get(entries.size() - 1).memoryAfter()));
    }
    return out.toString();
  }

  private static String change(String name, Cost before, Cost after) {
    return before.equals(after)
        ? ""
        : String.format(
            Locale.ROOT,
            "  %-32s %d -> %d FLOP, %d -> %d bytes%n",
            name,
            before.flops(),
            after.flops(),
            before.bytes(),
            after.bytes());
  }

  private static String memory(Footprint before, Footprint after) {
    StringBuilder out =
        new StringBuilder(bytes("weights", before.weightBytes(), after.weightBytes()));
    after
        .peakBytes()
        .forEach((function, peak) -> out.append(
            bytes("@" + function + " values at once", before.peakBytes().get(function), peak)));
    return out.toString();
  }

  private static String bytes(String name, long before, long after) {
    return String.format(Locale.ROOT, "  %-32s %d -> %d bytes%n", name, before, after);
  }

  private static String line(String name, String format, long value) {
    return String.format(
        Locale.ROOT, "  %-32s %8s%n", name, String.format(Locale.ROOT, format, value));
  }
}
