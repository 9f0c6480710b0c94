package org.quantcache.passes.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Rewriter;

/** Stands between the rewriter of one pass and the instruments: counts rewrites, asks, tells, and makes the seeded fault. */
final class RewriteWatch implements Rewriter.Listener {
  private record Chance(String event, Location location, String reason) {}

  private final int number;
  private final PassInfo info;
  private final List<PassInstrument> instruments;
  private final Fault fault;
  private long granted;
  // Rules look at the same place in every sweep; a chance is told once.
  private final Set<Chance> missed = new HashSet<>();

  RewriteWatch(int number, PassInfo info, List<PassInstrument> instruments, Fault fault) {
    this.number = number;
    this.info = info;
    this.instruments = instruments;
    this.fault = fault;
  }

  @Override
  public boolean mayRewrite(String event, Location location) {
    for (PassInstrument instrument : instruments) {
      if (!instrument.mayRewrite(number, info, granted + 1, event, location)) {
        return false;
      }
    }
    fault.before(++granted);
    return true;
  }

  @Override
  public void rewritten(String event, Location location, Attributes details) {
    fault.after(event, location);
    instruments.forEach(i -> i.rewritten(info, event, location, details));
  }

  @Override
  public void missed(String event, Location location, String reason) {
    if (missed.add(new Chance(event, location, reason))) {
      instruments.forEach(i -> i.missed(info, event, location, reason));
    }
  }
}
