package org.quantcache.passes.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.quantcache.passes.text.CheckLine.Kind;

/** Compares printed IR with the expectations of a test file, in order. */
final class FileCheck {
  /** A place in the output: a line and a column in it. */
  private record Place(int line, int column) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      return line != other.line
          ? Integer.compare(line, other.line)
          : Integer.compare(column, other.column);
    }
  }

  /** Where an expectation was found. */
  private record Found(Place start, Place end) {}

  private final List<String> output;
  private final Map<String, String> kept = new LinkedHashMap<>();
  private final List<CheckLine> forbidden = new ArrayList<>();
  private Place at = new Place(0, 0);
  private Place dagStart = at;
  private boolean inDag;

  private FileCheck(String output) {
    this.output = Arrays.asList(output.split("\n"));
  }

  /** @throws AssertionError that names the line of the test file and shows the output */
  static void check(String output, List<CheckLine> expectations) {
    new FileCheck(output).run(expectations);
  }

  private void run(List<CheckLine> expectations) {
    if (expectations.isEmpty()) {
      throw new IllegalArgumentException("the test states no expectation");
    }
    for (CheckLine expectation : expectations) {
      if (expectation.kind() == Kind.NOT) {
        forbidden.add(expectation);
      } else {
        find(expectation);
      }
    }
    refuseForbidden(at, new Place(output.size(), 0));
  }

  private void find(CheckLine expectation) {
    boolean dag = expectation.kind() == Kind.DAG;
    if (dag && !inDag) {
      dagStart = at;
    }
    inDag = dag;
    for (int i = 0; i < expectation.count(); i++) {
      Found found = search(expectation, dag ? dagStart : at);
      refuseForbidden(at, found.start());
      at = dag && found.end().compareTo(at) < 0 ? at : found.end();
    }
  }

  private Found search(CheckLine expectation, Place from) {
    int first = expectation.kind() == Kind.NEXT ? from.line + 1 : from.line;
    int last = switch (expectation.kind()) {
      case NEXT, SAME -> first;
      case PLAIN, NOT, DAG, LABEL, COUNT -> output.size() - 1;
    };
    for (int line = first; line <= last && line < output.size(); line++) {
      Matcher matcher = expectation.regex(kept).matcher(output.get(line));
      if (matcher.find(line == from.line ? from.column : 0)) {
        expectation
            .captures()
            .forEach(name -> kept.put(name, matcher.group(CheckLine.group(name))));
        return new Found(new Place(line, matcher.start()), new Place(line, matcher.end()));
      }
    }
    throw failure("expected but not found after output line " + (from.line + 1), expectation);
  }

  private void refuseForbidden(Place from, Place to) {
    for (CheckLine expectation : forbidden) {
      for (int line = from.line; line <= to.line && line < output.size(); line++) {
        int start = line == from.line ? from.column : 0;
        int end = line == to.line ? to.column : output.get(line).length();
        if (start < end
            && expectation
                .regex(kept)
                .matcher(output.get(line))
                .region(start, end)
                .find()) {
          throw failure("found in output line " + (line + 1), expectation);
        }
      }
    }
    forbidden.clear();
  }

  private AssertionError failure(String what, CheckLine expectation) {
    return new AssertionError("line " + expectation.line() + ": " + expectation.kind() + " '"
        + expectation.pattern() + "' " + what + "\n" + String.join("\n", output));
  }
}
