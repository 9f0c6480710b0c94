package org.quantcache.tools.inspect;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * What is active, as text.
 *
 * @param parts of the method
 * @param known whether the artifact lists its launches
 */
public record ActivityTable(List<Activity> parts, boolean known) {
  private static final int SHOWN = 4;

  /** Prints a line for each part that the program has. */
  public void print(PrintWriter out) {
    for (Activity part : parts) {
      if (part.operations() == 0) {
        out.printf(Locale.ROOT, "%-26s none%n", part.what());
      } else if (!known) {
        out.printf(
            Locale.ROOT,
            "%-26s %d operations; which kernels serve them, the artifact does not say%n",
            part.what(),
            part.operations());
      } else {
        out.printf(
            Locale.ROOT,
            "%-26s %d operations, %d launches%s%n",
            part.what(),
            part.operations(),
            part.launches(),
            part.kernels().isEmpty() ? ": NOT ACTIVE" : " of " + kernels(part.kernels()));
      }
    }
  }

  private static String kernels(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() <= SHOWN ? shown : shown + " and " + (names.size() - SHOWN) + " more";
  }
}
