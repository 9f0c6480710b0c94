package org.quantcache.passes.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.MeasuredTarget;
import org.quantcache.passes.calibration.Reached;
import org.quantcache.passes.calibration.Target;
import org.quantcache.passes.calibration.Trajectory;
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
  void readmeHoldsTheTablesOfPassesAndOptions() throws IOException {
    Path readme = Path.of("README.md");
    if (System.getProperty("qcc.golden", "").equals("update")) {
      String text = read(readme);
      int start = text.indexOf("| pass | does |");
      int end = text.indexOf("\nNumerics:");
      Files.writeString(
          readme, text.substring(0, start) + PassHelp.markdown() + text.substring(end));
    }
    assertThat(read(readme)).contains(PassHelp.markdown());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "PA0503 hlc{codebook=0.2:3/0.1:2/1}",
        "PA0705 aigq{activations=0.2:4/0.1:6/8}",
        "PA0705 aigq{activations=0:4/8}",
        "PA0103 aigq{activations=5}",
        "PA0503 hlc{codebook=0.1:0/1}",
        "PA0503 hlc{codebook=1.2.3:4/1}",
        "PA0503 hlc{from=0.5,until=0.4}",
        "PA0504 hlc{plan=10:0/3/2}",
        "PA0802 srap{tau-low=0.9,tau-high=0.5}",
        "PA0802 srap{delta-low=2,delta-high=1}",
        "PA0803 srap{plan=spatial.1:0}",
        "PA0803 srap{plan=spatial.1:2:1}",
        "PA0803 srap{plan=spatial.1:1/spatial.1:2}",
        "PA0505 srap{plan=8}",
        "PA0103 srap{plan=spatial.1}",
        "PA0103 srap{tau-high=1.5}",
        "PA0504 hlc{plan=10:1/2}",
        "PA0504 hlc{plan=10:0/10}",
        "PA0504 hlc{plan=0:0}",
        "PA0103 aigq{weights=5}",
        "PA0103 aigq{activations=3}",
        "PA0103 aigq{granularity=channel}",
        "PA0505 hlc{plan=10}",
        "PA0103 hlc{plan=10:}",
        "PA0503 hlc{accumulate=0.1,from=0.5,until=0.4}",
        "PA0509 hlc{accumulate=0}",
        "PA0509 hlc{accumulate=-0.1}",
        "PA0509 hlc{accumulate=0.1,rescale=0/0}",
        "PA0509 hlc{accumulate=0.1,plan=10:0/5}",
        "PA0103 hlc{accumulate=x}",
        "PA0103 hlc{accumulate=0.1,rescale=/}",
        "PA0103 hlc{accumulate=0.1,rescale=1/x}",
        "PA0103 hlc{codebook=x}",
        "PA0103 hlc{probe=quarter}",
        "PA0103 hlc{noise-floor=1.5}",
        "PA0103 hlc{motion-mean=0}",
        "PA0103 hlc{warmup=0}",
      })
  void optionsWithoutMeaningAreRefused(String code, String pipeline) {
    assertThatThrownBy(() -> AllPasses.parse(pipeline))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo(code));
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

  /** A calibration that knows one target. */
  private static final Calibration KNOWING = new Calibration(
          "abc",
          List.of(),
          new Trajectory(List.of(List.of(1.0, 0.5), List.of(0.5, 1.0)), List.of(0.5, 0.5)),
          List.of(),
          Optional.empty())
      .with(new MeasuredTarget(
          new Target(Target.Measure.PSNR, 37.5),
          "@none",
          new Reached("@none,hlc{plan=2:0}", 38, 1.9, 1)));

  @Test
  void aTargetStandsForThePipelineThatReachesIt() {
    assertThat(AllPasses.preset("psnr-37.5")).isEqualTo("@psnr-37.5");
    assertThat(AllPasses.parse("@psnr-37.5,lower", Optional.of(KNOWING)).text())
        .isEqualTo(AllPasses.parse("@none,hlc{plan=2:0},lower").text());
  }

  @Test
  void aTargetThatNobodyKnowsIsRefusedWithTheFix() {
    for (Optional<Calibration> calibration :
        List.of(Optional.of(KNOWING), Optional.<Calibration>empty())) {
      assertThatThrownBy(() -> AllPasses.parse("@speedup-2", calibration))
          .isInstanceOfSatisfying(UserError.class, error -> {
            assertThat(error.code()).isEqualTo("PA0109");
            assertThat(error.hint())
                .contains("--speedup 2 --model")
                .contains(calibration.isPresent() ? "known: [psnr-37.5]" : "known: []");
          });
    }
    assertThatThrownBy(() -> AllPasses.preset("speedup-1"))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("PA0603"));
  }
}
