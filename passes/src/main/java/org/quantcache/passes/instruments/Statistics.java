package org.quantcache.passes.instruments;

import java.util.ArrayList;
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

/** Rewrites by event, operations that every pass added or removed, and the work of the module at its largest sizes. */
public final class Statistics implements PassInstrument {
  /**
   * What one pass did.
   *
   * @param number from 1
   * @param pass name
   * @param rewrites number of rewrites by event
   * @param missed number of missed chances by event
   * @param operations change of the number of operations by name, without zeros
   * @param before work of all functions before the pass, symbolic sizes at their bounds
   * @param after the same after it
   */
  public record Entry(
      int number,
      String pass,
      Map<String, Long> rewrites,
      Map<String, Long> missed,
      Map<String, Long> operations,
      Cost before,
      Cost after) {}

  private final List<Entry> entries = new ArrayList<>();
  private Map<String, Long> rewrites = new TreeMap<>();
  private Map<String, Long> missed = new TreeMap<>();
  private Map<String, Long> counted = new TreeMap<>();
  private Cost cost = Cost.ZERO;

  /** One entry for each pass that has run. */
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    rewrites = new TreeMap<>();
    missed = new TreeMap<>();
    counted = operations(module);
    cost = cost(module);
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    entries.add(new Entry(
        number,
        pass.name(),
        rewrites,
        missed,
        difference(counted, operations(module)),
        cost,
        cost(module)));
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

  private static Cost cost(IrModule module) {
    return CostReport.of(module, module::bound).functions().stream()
        .map(FunctionCost::total)
        .reduce(Cost.ZERO, Cost::plus);
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

  /** A block of lines for each pass. */
  public String text() {
    StringBuilder out = new StringBuilder();
    for (Entry entry : entries) {
      out.append(entry.number()).append(' ').append(entry.pass()).append(System.lineSeparator());
      entry.rewrites().forEach((event, count) -> out.append(line(event, "%d", count)));
      entry.missed().forEach((event, count) -> out.append(line(event + " (missed)", "%d", count)));
      entry.operations().forEach((name, change) -> out.append(line(name, "%+d", change)));
      out.append(change("flops", entry.before().flops(), entry.after().flops()));
      out.append(change("bytes moved", entry.before().bytes(), entry.after().bytes()));
    }
    return out.toString();
  }

  private static String change(String name, long before, long after) {
    return String.format(Locale.ROOT, "  %-32s %d -> %d%n", name, before, after);
  }

  private static String line(String name, String format, long value) {
    return String.format(
        Locale.ROOT, "  %-32s %8s%n", name, String.format(Locale.ROOT, format, value));
  }
}
