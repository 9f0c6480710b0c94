package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.tools.sample.Samples;

/** Commands that are not understood, outputs that cannot be written, tensors that do not fit. */
class WrongUseTest {
  private static final Path MODEL = Path.of("../importers/src/test/resources/golden/tiny");
  private static final Path INPUTS = MODEL.resolve("inputs.safetensors");
  private static final List<String> VERBS = List.of(
      "demo",
      "compile",
      "run",
      "eval",
      "sample",
      "import",
      "opt",
      "inspect",
      "compare",
      "compare-layers",
      "debug",
      "diff",
      "reduce",
      "bench",
      "calibrate",
      "schedule",
      "check-gpu",
      "synth-model",
      "doctor");

  @TempDir
  private Path parent;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "frobnicate",
        "compil",
        "--frobnicate",
        "doctor --frobnicate",
        "doctor extra",
        "inspect",
        "compare one",
        "compile",
        "compile folder",
        "compile folder -o",
        "compile folder -o a.qca --threads 2",
        "compile folder -o a.qca --batch x",
        "compile folder -o a.qca --batch 99999999999",
        "compile folder -o a.qca --latent x,y,z",
        "compile folder -o a.qca --entry forwards",
        "compile folder -o a.qca --target gpu",
        "compile folder -o a.qca --target cuda:sm_70",
        "compile folder -o a.qca --target cpu:sm_80",
        "compile folder -o a.qca --target cuda:",
        "compile folder -o a.qca -o b.qca",
        "run a.qca",
        "run a.qca -o b.gif --steps many",
        "bench",
        "bench everything",
        "synth-model folder --set depth",
        "synth-model"
      })
  void wrongUseSaysSoAndPointsToTheHelp(String command) {
    CommandRun run = CommandRun.of(command.split(" ")).assertMisused();

    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("hint: ", "--help'");
  }

  @Test
  void nothingAtAllIsWrongUse() {
    CommandRun.of().assertMisused();
  }

  static List<String> verbs() {
    return VERBS;
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerbExplainsItself(String verb) {
    CommandRun run = CommandRun.of(verb, "--help").assertWorked();

    assertThat(run.out()).contains("Usage: qcc " + verb, "--help");
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void helpListsEveryVerb() {
    assertThat(CommandRun.of("--help").assertWorked().out()).contains(VERBS);
  }

  /** Commands up to where the output's name goes. */
  static Stream<List<String>> writers() {
    String model = MODEL.toString();
    return Stream.of(
        List.of("compile", model, "--target", "reference", "--latent", "2,4,4", "-o"),
        List.of("import", model, "--latent", "2,4,4", "-o"),
        List.of("eval", model, "--target", "reference", "--inputs", INPUTS.toString(), "--out"),
        List.of("opt", "module.qir", "-o"),
        List.of("run", "model.qca", "--prompt", "a red circle", "-o"));
  }

  private CommandRun writing(List<String> command, Path target) {
    List<String> all = new ArrayList<>(command);
    all.add(target.toString());
    return CommandRun.of(all);
  }

  @ParameterizedTest
  @MethodSource("writers")
  void outputInAFolderThatDoesNotExistIsRefused(List<String> command) {
    writing(command, parent.resolve("nowhere/out.safetensors")).assertRefused("RT0301");

    assertThat(parent).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("writers")
  void outputThatIsAFolderIsRefused(List<String> command) throws Exception {
    Path folder = Files.createDirectory(parent.resolve("out.safetensors"));

    writing(command, folder).assertRefused("RT0301");

    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("writers")
  void outputBelowAFileIsRefused(List<String> command) {
    OldFile old = OldFile.in(parent, "file");

    writing(command, old.path().resolve("out.safetensors")).assertRefused("RT0301");

    old.assertIntact();
  }

  @Test
  void modelFolderBelowAFileIsRefused() {
    OldFile old = OldFile.in(parent, "file");

    CommandRun.of("synth-model", old.toString()).assertRefused("RT0301");
    old.assertIntact();
    CommandRun.of("synth-model", old.path().resolve("model").toString()).assertRefused("RT0301");

    old.assertIntact();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--size 5B/2",
        "--dtype f8",
        "--dtype i64",
        "--set no_such_key=1",
        "--set depth=0",
        "--set depth=x",
        "--max-shard-bytes 0",
        "--max-shard-bytes -1"
      })
  void modelsThatCannotBeMadeAreRefused(String options) {
    Path folder = parent.resolve("model");
    List<String> command = new ArrayList<>(List.of("synth-model", folder.toString()));
    command.addAll(List.of(options.split(" ")));

    CommandRun.of(command).assertRefused("[A-Z]{2}\\d{4}");

    assertThat(folder).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PA0503 hlc{codebook=0.05:0/2}",
        "PA0503 hlc{codebook=0.05:8/0}",
        "PA0503 hlc{codebook=0.1:8/0.05:4/2}",
        "PA0510 hlc{motion=ratio}",
        "PA0705 hlc,aigq{activations=0.1:4/0.05:6/8}",
        "PA0802 srap{tau-low=0.9,tau-high=0.8}",
        "PA0802 srap{delta-low=2,delta-high=1}",
        "PA0801 srap{protect=2}",
        "PA0103 aigq{weights=5}",
        "PA0103 aigq{activations=5}",
        "PA0103 aigq{weights=auto,budget=3.9}",
        "PA0103 hlc{noise-floor=1.5}",
        "PA0511 hlc{codebook=3} forward",
        "PA0511 srap forward"
      })
  void settingsThatPassesCannotUseAreRefusedWithAHint(String wrong) {
    OldFile old = OldFile.in(parent, "model.qca");
    String[] parts = wrong.split(" ");
    List<String> command = new ArrayList<>(List.of("compile", MODEL.toString(), "--latent"));
    String entry = parts.length > 2 ? parts[2] : "sample";
    command.addAll(List.of("2,4,4", "--target", "reference", "--entry", entry, "--passes"));
    command.addAll(List.of("@none," + parts[1], "-o", old.toString()));

    assertThat(CommandRun.of(command).assertRefused(parts[0]).err()).contains("hint: ");

    old.assertIntact();
  }

  @Test
  void inputsOfAnotherModelAreRefused() {
    OldFile old = OldFile.in(parent, "out.safetensors");
    Path inputs = Path.of("../importers/src/test/resources/golden/skipy/inputs.safetensors");
    List<String> command =
        List.of("eval", MODEL.toString(), "--target", "reference", "--inputs", inputs.toString());

    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--out", old.toString()));
    CommandRun.of(all).assertRefused("IM0506");

    old.assertIntact();
  }

  @Test
  void unknownTapIsRefused() {
    OldFile old = OldFile.in(parent, "out.safetensors");

    CommandRun.of(
            "eval",
            MODEL.toString(),
            "--target",
            "reference",
            "--inputs",
            INPUTS.toString(),
            "--taps",
            "spatial_blocks.7",
            "--out",
            old.toString())
        .assertRefused("IM05\\d\\d");

    old.assertIntact();
  }

  @Test
  void comparisonOfDifferentTensorsIsRefused() {
    CommandRun.of(
            "compare", INPUTS.toString(), MODEL.resolve("outputs.safetensors").toString())
        .assertRefused("CL0501");
    CommandRun.of("compare", INPUTS.toString(), parent.resolve("nothing").toString())
        .assertRefused("IM0101");
    CommandRun.of("compare", INPUTS.toString(), INPUTS.toString(), "--max", "0").assertWorked();
  }

  @Test
  void promptWithAnUnknownWordNamesTheKnownOnes() {
    OldFile old = OldFile.in(parent, "video.gif");
    System.setProperty(Samples.HOME, "..");
    try {
      CommandRun run = CommandRun.of("demo", "--prompt", "a purpel circle", "-o", old.toString())
          .assertRefused("CL0301");

      assertThat(run.err()).contains("'purpel'", "red", "circle", "left", "slow");
    } finally {
      System.clearProperty(Samples.HOME);
    }
    old.assertIntact();
  }

  @Test
  void videoInAnUnknownFormIsRefused() {
    OldFile old = OldFile.in(parent, "video.mp4");

    CommandRun run = CommandRun.of("demo", "-o", old.toString()).assertRefused("CL0305");

    assertThat(run.err()).contains(".gif");
    old.assertIntact();
  }
}
