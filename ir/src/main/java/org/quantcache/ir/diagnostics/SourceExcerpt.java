package org.quantcache.ir.diagnostics;

import java.util.Locale;

/** A source line and a caret under one of its columns. */
final class SourceExcerpt {
  private static final int WIDTH = 120;

  private SourceExcerpt() {}

  /** Appends two lines. Long lines are cut around the column; the column counts code points from 1. */
  static void append(StringBuilder out, String line, int number, int column) {
    int[] points = line.codePoints().toArray();
    int at = Math.min(column - 1, points.length);
    int from = Math.max(0, Math.min(at - WIDTH / 2, points.length - WIDTH));
    int to = Math.min(points.length, from + WIDTH);
    String label = String.format(Locale.ROOT, "%5d | ", number);
    out.append('\n').append(label).append(from > 0 ? "..." : "");
    appendPoints(out, points, from, to);
    out.append(to < points.length ? "..." : "");
    out.append("\n      | ").append(from > 0 ? "   " : "");
    for (int i = from; i < at; i++) {
      out.append(points[i] == '\t' ? '\t' : ' ');
    }
    out.append('^');
  }

  private static void appendPoints(StringBuilder out, int[] points, int from, int to) {
    for (int i = from; i < to; i++) {
      boolean shown = points[i] == '\t' || !Character.isISOControl(points[i]);
      out.appendCodePoint(shown ? points[i] : 0xFFFD);
    }
  }
}
