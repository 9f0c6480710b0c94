package org.quantcache.tools.gpu;

import java.util.List;
import java.util.Locale;

/**
 * What a benchmark of sampling loops found, and on what.
 *
 * @param card where
 * @param model what was sampled
 * @param rounds loops that counted, in each row
 * @param date when, as ISO 8601 in UTC
 * @param command what was called
 * @param rows what was measured, by this run or one before it that was not finished
 * @param notes what was left out, and why
 */
public record SamplingRun(
    Card card,
    SyntheticModel model,
    int rounds,
    String date,
    String command,
    List<SamplingRow> rows,
    List<String> notes) {
  public SamplingRun {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /** Rows that failed. */
  public long failures() {
    return rows.stream().filter(SamplingRow::hasFailed).count();
  }

  /** Everything, as Markdown. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    line(out, "%s, %s.", card.text(), date);
    if (card.emulated()) {
      line(out, "Emulated: every loop ran, no time means anything, so none is told.");
    } else {
      line(
          out,
          "Highest clocks %d MHz, of the memory %d MHz.",
          card.clockMegahertz(),
          card.memoryClockMegahertz());
    }
    line(out, "`%s`: %s.", command, model.text());
    line(out, "");
    out.append(new SamplingTable(rows, rounds).markdown());
    notes.forEach(note -> line(out, "- %s.", note));
    return out.toString();
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
