package org.quantcache.passes.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One part of a test file; parts are divided by {@code // -----}.
 *
 * @param file name of the file
 * @param line where the part begins, from 1
 * @param title its first comment that is no directive, or that of the file
 * @param passes pipeline text out of the {@code RUN} line of the part or, without one, of the file
 * @param error code that the pipeline is to fail with, from {@code // ERROR: PA0000}
 * @param remarks events that must be reported, from {@code // REMARK: Event}; missed chances count as well
 * @param inputs values of whole inputs, from {@code // INPUT: name = 1}
 * @param text everything
 */
record QirCase(
    String file,
    int line,
    String title,
    String passes,
    Optional<String> error,
    List<String> remarks,
    Map<String, Double> inputs,
    String text) {
  private static final Pattern RUN =
      Pattern.compile("//\\s*RUN: qcc opt %s --passes='?([^' ]+)'? \\| filecheck %s");
  private static final Pattern ERROR = Pattern.compile("//\\s*ERROR: ([A-Z]{2}[0-9]{4})");
  private static final Pattern REMARK = Pattern.compile("//\\s*REMARK: (\\w+)");
  private static final Pattern INPUT = Pattern.compile("//\\s*INPUT: (\\w+) = (\\S+)");

  /** The parts of a file. */
  static List<QirCase> of(Path path) {
    List<QirCase> out = new ArrayList<>();
    String content = read(path);
    String file = path.getParent().getFileName() + "/" + path.getFileName();
    int line = 1;
    for (String part : content.split("(?m)^// -----\n")) {
      String passes = first(RUN, part)
          .or(() -> first(RUN, content))
          .orElseThrow(() -> new IllegalArgumentException(file + " has no RUN line"));
      out.add(new QirCase(
          file,
          line,
          title(part),
          passes,
          first(ERROR, part),
          all(REMARK, part),
          inputs(part),
          part));
      line += (int) part.lines().count() + 1;
    }
    return out;
  }

  /** What the test is called. */
  String name() {
    return file + ":" + line + " " + title;
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String title(String part) {
    return part.lines()
        .filter(line -> line.matches("// [A-Z][a-z ].*"))
        .findFirst()
        .map(line -> line.substring(3))
        .orElseThrow(
            () -> new IllegalArgumentException("a test begins with a sentence, found: " + part));
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static Map<String, Double> inputs(String text) {
    Map<String, Double> out = new TreeMap<>();
    INPUT
        .matcher(text)
        .results()
        .forEach(found -> out.put(found.group(1), Double.valueOf(found.group(2))));
    return out;
  }
}
