package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flags that show, limit and check passes. */
class PassFlagsTest {
  private static final String TEXT = """
      module @t {
        weight.def @w <key = "w", type = f32[4, 4]>
        func @f(%x: f32[2, 4], %r: f32[2, 4]) -> f32[2, 4] <results = ["output"]> {
          %w = weight.get <weight = @w> : f32[4, 4] loc("blocks.0.fc")
          %p = nn.linear(%x, %w) : f32[2, 4] loc("blocks.0.fc")
          %s = math.add(%r, %p) : f32[2, 4] loc("blocks.0.fc")
          func.return(%s)
        }
      }
      """;

  @TempDir
  private Path folder;

  private Path input;

  @BeforeEach
  void writeTheInput() throws IOException {
    input = Files.writeString(folder.resolve("in.qir"), TEXT);
  }

  private CommandRun opt(String... flags) {
    List<String> command = new ArrayList<>(List.of("opt", "--passes", "fold,fuse"));
    command.addAll(List.of(flags));
    command.add(input.toString());
    return CommandRun.of(command);
  }

  private CommandRun bisect(String passes, String... flags) {
    List<String> command = new ArrayList<>(List.of("bisect", input.toString(), "--passes", passes));
    command.addAll(List.of(flags));
    return CommandRun.of(command);
  }

  @Test
  void timesComeInThreeFormsAndNeedNoValueInFrontOfAFile() throws IOException {
    assertThat(opt("--timing").assertWorked().err()).containsSubsequence("1 fold", "2 fuse", "all");
    assertThat(opt("--timing=tree").assertWorked().err()).contains("100.0 %");
    JsonNode json = JsonMapper.builder()
        .build()
        .readTree(opt("--timing=json").assertWorked().err());
    assertThat(json.get(1).path("pass").asText()).isEqualTo("fuse");
    String apart = opt("--timing=json", "-o", folder.resolve("o.qir").toString())
        .assertWorked()
        .out();
    assertThat(JsonMapper.builder().build().readTree(apart)).hasSize(2);
    opt("--timing=csv").assertMisused();
  }

  @Test
  void statisticsAndThePlanAreShown() {
    assertThat(opt("--stats").assertWorked().err()).contains("EpilogueFused", "@f values at once");
    assertThat(opt("--profile-plan").assertWorked().err()).contains("blocks.0", "2 ->     1");
  }

  @Test
  void oneFunctionIsPrinted() {
    assertThat(opt("--print-after=fuse", "--print-only=@f").assertWorked().err())
        .contains("// ---- after fuse (#2, changed) ----", "func @f")
        .doesNotContain("module @t");
    opt("--print-after=fuse", "--print-only=@g").assertRefused("PA0608");
  }

  @Test
  void limitsOfPassesAndRewritesSayWhatTheyDo() {
    assertThat(opt("--bisect-limit=0").assertWorked().err())
        .contains("bisect: not running (1) fold", "bisect: running (2) fuse, which is required");
    assertThat(opt("--rewrite-limit=fuse:0").assertWorked().out()).contains("math.add");
    assertThat(opt("--rewrite-limit=2:1").assertWorked().out()).contains("fused.linear");
    assertThat(opt("--rewrite-limit=hlc:1").assertWorked().err())
        .contains("note: --rewrite-limit=hlc:1 limits nothing");
  }

  @Test
  void verificationIsOnAndCanBeSwitchedOff() {
    assertThat(opt("--verify-each=false").assertWorked().out()).contains("fused.linear");
    assertThat(opt("--verify-each").assertWorked().out()).contains("fused.linear");
  }

  @Test
  void everyPassIsRunAndCompared() {
    assertThat(opt("--diff-exec", "--seed=3").assertWorked().err())
        .contains("diff-exec: fuse (#2): equal bits");
  }

  @Test
  void aReproducerGoesWhereItIsAskedFor() throws IOException {
    Path file = folder.resolve("again.qir");
    CommandRun run = CommandRun.of(
            "opt",
            input.toString(),
            "--passes",
            "fuse{fault=1}",
            "--diff-exec",
            "--reproducer",
            file.toString())
        .assertRefused("PA0605");
    assertThat(run.err()).contains("wrote " + file + ", which fails again");
    assertThat(Files.readString(file)).startsWith("// reproduce: qcc opt again.qir --passes=");

    opt("--reproducer", folder.resolve("no/such/file").toString()).assertRefused("RT0301");
  }

  @ParameterizedTest
  @CsvSource({
    "CL0720, --print-after=fuze",
    "CL0720, --print-before=fixpoint",
    "CL0720, --rewrite-limit=fuze:1",
    "CL0721, --rewrite-limit=fuse",
    "CL0721, --rewrite-limit=fuse:-1",
    "CL0721, --rewrite-limit=0:1",
  })
  void flagsWithoutMeaningAreRefused(String code, String flag) {
    opt(flag).assertRefused(code);
  }

  @Test
  void dumpsOfTwoRunsAreEqualToTheByte() throws IOException {
    opt("--dump-dir", folder.resolve("a").toString(), "--diff-exec").assertWorked();
    opt("--dump-dir", folder.resolve("b").toString(), "--diff-exec").assertWorked();

    assertThat(contents(folder.resolve("a")))
        .isEqualTo(contents(folder.resolve("b")))
        .containsKeys("000-input.qir", "002-fuse.diff", "manifest.json");
  }

  @Test
  @Tag("slow")
  void aDumpHoldsWhatWasGeneratedAndIsReplacedByTheNextOne() throws IOException {
    Path model = folder.resolve("tiny");
    CommandRun.of("synth-model", model.toString(), "--size", "tiny").assertWorked();
    Map<String, String> first = compiled(model);

    assertThat(first).containsKeys("000-input.qir", "kernels.txt", "SampleExecutor.java");
    assertThat(first.get("SampleExecutor.java")).contains("class SampleExecutor");
    assertThat(compiled(model)).isEqualTo(first);
  }

  private Map<String, String> compiled(Path model) throws IOException {
    Path dumps = folder.resolve("dumps");
    Path target = folder.resolve("x.qca");
    CommandRun.of(
            "compile",
            model.toString(),
            "--latent",
            "2,4,4",
            "--dump-dir",
            dumps.toString(),
            "-o",
            target.toString())
        .assertWorked();
    return contents(dumps);
  }

  private static Map<String, String> contents(Path dumps) throws IOException {
    Map<String, String> out = new TreeMap<>();
    try (Stream<Path> files = Files.list(dumps)) {
      for (Path file : files.toList()) {
        out.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return out;
  }

  @Test
  void bisectionFollowsACommandOfTheShell() {
    CommandRun run =
        bisect("fold,hoist,fuse", "--test", "! grep -q fused.linear %s").assertWorked();

    assertThat(run.out())
        .contains(
            "pass 3, fuse{rules=all}",
            "rewrite 1, EpilogueFused at blocks.0.fc",
            "problem: the test exits with 1",
            "--passes='fold,hoist,fuse' --bisect-limit=3 --rewrite-limit=3:1",
            "--rewrite-limit=3:0");
    assertThat(run.err()).contains("bisect: passes 1..3: bad: the test exits with 1");
  }

  @Test
  void bisectionFollowsABoundOfTheError() {
    assertThat(
            bisect("fold,fuse{fault=1}", "--max-error", "0.01").assertWorked().out())
        .contains("pass 2, fuse{fault=1,rules=all}", "rewrite 1, EpilogueFused");
    bisect("fold,fuse", "--max-error", "0.01", "--steps", "2").assertRefused("PA0609");
    bisect("fold,fuse", "--test", "grep -q nothing-like-it %s").assertRefused("PA0610");
  }

  @Test
  void checksWithoutMeaningAreRefused() {
    bisect("fold", "--test", "true %s", "--max-error", "1").assertRefused("CL0722");
    bisect("fold", "--max-error", "-1").assertRefused("CL0723");
    bisect("fold", "--max-error", "NaN").assertRefused("CL0723");
    bisect("fold", "--steps", "0").assertRefused("CL0723");
    bisect("fold", "--test", "true").assertRefused("CL0724");
    bisect("fold", "--test", "no-such-command %s").assertRefused("CL0725");
    bisect("fold,fuze").assertRefused("PA0101");
    CommandRun.of("bisect", folder.resolve("none.qir").toString()).assertRefused("CL0107");
  }
}
