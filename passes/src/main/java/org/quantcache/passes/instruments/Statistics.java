package org.quantcache.passes.instruments;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/** Rewrites by event, and how many operations of each kind every pass added or removed. */
public final class Statistics implements PassInstrument {
  /**
   * What one pass did.
   *
   * @param number from 1
   * @param pass name
   * @param rewrites number of rewrites by event
   * @param missed number of missed chances by event
   * @param operations change of the number of operations by name, without zeros
   */
  public record Entry(
      int number,
      String pass,
      Map<String, Long> rewrites,
      Map<String, Long> missed,
      Map<String, Long> operations) {}

  private final List<Entry> entries = new ArrayList<>();
  private Map<String, Long> rewrites = new TreeMap<>();
  private Map<String, Long> missed = new TreeMap<>();
  private Map<String, Long> counted = new TreeMap<>();

  /** One entry for each pass that has run. */
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    rewrites = new TreeMap<>();
    missed = new TreeMap<>();
    counted = operations(module);
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    entries.add(
        new Entry(number, pass.name(), rewrites, missed, difference(counted, operations(module))));
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
    }
    return out.toString();
  }

  private static String line(String name, String format, long value) {
    return String.format(
        Locale.ROOT, "  %-32s %8s%n", name, String.format(Locale.ROOT, format, value));
  }
}
