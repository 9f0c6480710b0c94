package org.quantcache.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of error codes in the README names what the sources throw. */
class ErrorCodesTest {
  @Test
  void theReadmeListsEveryCodeInOrder() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(Path.of("src/main/java"))) {
      files = all.filter(file -> file.toString().endsWith(".java")).toList();
    }
    Pattern thrown = Pattern.compile("UserError\\.of\\(\\s*\"([A-Z]{2}[0-9]{4})\"");
    TreeSet<String> codes = new TreeSet<>();
    for (Path file : files) {
      Matcher match = thrown.matcher(Files.readString(file));
      while (match.find()) {
        codes.add(match.group(1));
      }
    }
    List<String> listed = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("README.md"))) {
      if (line.matches("\\| RT[0-9]{4} \\|.*")) {
        listed.add(line.substring(2, 8));
      }
    }
    assertThat(codes).isNotEmpty();
    assertThat(listed).containsExactlyElementsOf(codes);
  }
}
