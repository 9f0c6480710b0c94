package org.quantcache.passes.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.quantcache.passes.core.PassFactory;

class AllPassesTest {
  private static final Path MAIN = Path.of("src/main/java/org/quantcache/passes");

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> codes(Path folder) throws IOException {
    return files(folder).stream()
        .flatMap(file -> Pattern.compile("\\bPA(?!9999)[0-9]{4}\\b")
            .matcher(read(file))
            .results()
            .map(MatchResult::group)
            .toList()
            .stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPassClassIsInTheList() throws IOException {
    Set<String> classes = files(MAIN).stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith("Pass.java") && !name.equals("Pass.java"))
        .map(name -> name.replace("Pass.java", ""))
        .collect(Collectors.toCollection(TreeSet::new));
    Set<String> listed = AllPasses.byName().keySet().stream()
        .map(AllPassesTest::camel)
        .collect(Collectors.toCollection(TreeSet::new));

    assertThat(listed).isEqualTo(classes);
  }

  private static String camel(String kebab) {
    return Pattern.compile("(^|-)([a-z])")
        .matcher(kebab)
        .replaceAll(found -> found.group(2).toUpperCase(java.util.Locale.ROOT));
  }

  @Test
  void everyPassHasTestFilesOfItsName() {
    for (String name : AllPasses.byName().keySet()) {
      assertThat(Path.of("src/test/qir", name)).isNotEmptyDirectory();
    }
  }

  @Test
  void everyErrorCodeIsTested() throws IOException {
    assertThat(codes(Path.of("src/test"))).containsAll(codes(MAIN));
  }

  @Test
  void readmeHoldsTheTablesOfPassesAndOptions() {
    assertThat(read(Path.of("README.md"))).contains(PassHelp.markdown());
  }

  @Test
  void readmeExplainsEveryErrorCode() throws IOException {
    assertThat(read(Path.of("README.md"))).contains(codes(MAIN));
  }

  @Test
  void helpNamesEveryPassAndOption() {
    for (PassFactory factory : AllPasses.byName().values()) {
      assertThat(PassHelp.text()).contains(factory.info().name(), factory.info().summary());
      factory
          .info()
          .options()
          .forEach(option ->
              assertThat(PassHelp.text()).contains(option.name() + "=" + option.otherwise()));
    }
  }

  @Test
  void everyPresetIsALegalPipeline() {
    assertThat(AllPasses.parse("@none," + AllPasses.targetPasses(32)).steps()).hasSize(7);
  }
}
