package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever meets a code finds it explained, and nothing is explained that cannot be met. */
class ErrorCodesTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> MODULES =
      List.of("ir", "importers", "kernels", "passes", "codegen", "tools");
  private static final String CODE = "(?:IR|IM|PA|CG|RT|CL)[0-9]{4}";

  @Test
  void theTablesOfTheModulesListEveryCodeAndNoOther() {
    Set<String> used = new TreeSet<>(matches(ROOT.resolve("tools/qcc"), "fail (" + CODE + ")"));
    Set<String> listed = new TreeSet<>();
    for (String module : MODULES) {
      files(ROOT.resolve(module).resolve("src/main/java"))
          .forEach(file -> used.addAll(matches(file, "[\"\\[](" + CODE + ")[\"\\]]")));
      for (String page : List.of("README.md", "CODES.md")) {
        Path file = ROOT.resolve(module).resolve(page);
        if (Files.exists(file)) {
          rows(file).forEach(row -> listed.addAll(matches(row, "(" + CODE + ")")));
        }
      }
    }
    assertThat(used).hasSizeGreaterThan(100);
    assertThat(difference(used, listed)).as("codes without a row in a table").isEmpty();
    assertThat(difference(listed, used))
        .as("rows of codes that nothing reports")
        .isEmpty();
  }

  private static Set<String> difference(Set<String> from, Set<String> without) {
    Set<String> out = new TreeSet<>(from);
    out.removeAll(without);
    return out;
  }

  /** First cells of the rows of all tables. */
  private static List<String> rows(Path file) {
    return read(file)
        .lines()
        .filter(line -> line.startsWith("| "))
        .map(line -> line.split("\\|")[1])
        .toList();
  }

  private static Set<String> matches(Path file, String pattern) {
    return matches(read(file), pattern);
  }

  private static Set<String> matches(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.toSet());
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> path.toString().endsWith(".java")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
