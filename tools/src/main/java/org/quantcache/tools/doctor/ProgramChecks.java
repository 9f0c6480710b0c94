package org.quantcache.tools.doctor;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Programs of others that are found on the path. */
final class ProgramChecks {
  private ProgramChecks() {}

  static List<Finding> all() {
    return List.of(
        program(
            "chromium",
            "tests of pages in a browser",
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
            "install chromium; pages themselves open in any browser"),
        program(
            "graphviz",
            "pictures of 'qcc export --format dot'",
            List.of("dot"),
            "install graphviz, or open the file in a viewer"),
        program(
            "python",
            "'qcc bench sampling' against PyTorch",
            List.of("python3"),
            "install python3"));
  }

  private static Finding program(String subject, String use, List<String> names, String fix) {
    return names.stream()
        .flatMap(name -> onPath(System.getenv(), name).stream())
        .findFirst()
        .map(found -> Finding.good(subject, use, found.toString()))
        .orElseGet(() -> Finding.missing(subject, use, "not on the path", fix));
  }

  /** The first executable file of this name in the folders of {@code PATH}. */
  static Optional<Path> onPath(Map<String, String> environment, String name) {
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path file = Path.of(folder.isEmpty() ? "." : folder, name);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
