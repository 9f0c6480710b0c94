package org.quantcache.passes.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/** Skips the passes behind a number, unless they are required, and says of each whether it runs. */
public final class BisectLimit implements PassInstrument {
  private final int limit;
  private final Appendable out;

  /** @param limit number of the last pass that runs */
  public BisectLimit(int limit, Appendable out) {
    this.limit = limit;
    this.out = out;
  }

  @Override
  public boolean mayRun(int number, PassInfo pass) {
    boolean within = number <= limit;
    boolean runs = within || pass.required();
    say((runs ? "running (" : "not running (") + number + ") " + pass.name()
        + (runs && !within ? ", which is required" : ""));
    return runs;
  }

  private void say(String what) {
    try {
      out.append("bisect: ").append(what).append(System.lineSeparator());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
