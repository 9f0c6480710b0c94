package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.quantcache.kernels.runtime.StepObserver;

/** A line that counts up on a terminal; elsewhere one line for each tenth. What is done at once shows nothing. */
final class Progress implements StepObserver {
  private static final long PATIENCE_NANOS = 1_000_000_000L;

  private final PrintWriter err;
  private final String what;
  private final boolean terminal = System.console() != null;
  private int lastTenth = -1;
  private long start;
  private boolean shows;

  Progress(PrintWriter err, String what) {
    this.err = err;
    this.what = what;
  }

  /** Shows that {@code done} of {@code total} is done. */
  void show(long done, long total) {
    if (!shows) {
      start = start == 0 ? System.nanoTime() : start;
      shows = System.nanoTime() - start > PATIENCE_NANOS && done < total;
      if (!shows) {
        return;
      }
    }
    int tenth = (int) (10 * done / Math.max(1, total));
    boolean last = done == total;
    if (terminal) {
      err.printf(
          Locale.ROOT,
          "\r%s %d%%%s",
          what,
          100 * done / Math.max(1, total),
          last ? System.lineSeparator() : "");
      err.flush();
    } else if (tenth != lastTenth) {
      lastTenth = tenth;
      err.printf(Locale.ROOT, "%s %d%%%n", what, 10 * tenth);
    }
  }

  @Override
  public void stepped(int index, int total) {
    show(index + 1L, total);
  }
}
