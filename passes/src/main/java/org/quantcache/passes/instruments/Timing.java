package org.quantcache.passes.instruments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.quantcache.ir.core.IrModule;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/** Wall time of each pass. */
public final class Timing implements PassInstrument {
  private record Entry(int number, String pass, long nanos) {
    double milliseconds() {
      return nanos / 1e6;
    }
  }

  private final LongSupplier clock;
  private final List<Entry> entries = new ArrayList<>();
  private long started;

  /** @param clock time in nanoseconds, such as {@code System::nanoTime} */
  public Timing(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    started = clock.getAsLong();
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    entries.add(new Entry(number, pass.name(), clock.getAsLong() - started));
  }

  /** A line for each pass and one for their sum. */
  public String list() {
    StringBuilder out = new StringBuilder();
    for (Entry entry : entries) {
      out.append(line(entry.number + " " + entry.pass, entry.milliseconds()));
    }
    return out.append(
            line("all", entries.stream().mapToDouble(Entry::milliseconds).sum()))
        .toString();
  }

  /** {@code [{"number":1,"pass":"fold","ms":1.5}, ...]}. */
  public String json() {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    for (Entry entry : entries) {
      out.addObject()
          .put("number", entry.number)
          .put("pass", entry.pass)
          .put("ms", entry.milliseconds());
    }
    return out.toString();
  }

  private static String line(String name, double milliseconds) {
    return String.format(Locale.ROOT, "%-24s %10.3f ms%n", name, milliseconds);
  }
}
