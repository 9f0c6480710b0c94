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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.passes.pipelines.AllPasses;

/**
 * A wrong rewrite in any pass is found: by differential execution or the pass's own proof down to the pass, by bisection down to
 * the rewrite; and what is left behind fails again.
 */
class SeededFaultTest {
  /** Every pass once, with what makes it act on a small model. */
  private static final List<String> PIPELINE = List.of(
      "fold",
      "specialize",
      "hoist",
      "fuse",
      "observe",
      "aigq",
      "hlc",
      "srap{protect=0}",
      "narrow",
      "lower{device=cuda}",
      "memory-plan");

  /**
   * The rewrite that is spoiled, the third where a pass makes as many. The third product of aigq hardly counts among what
   * rounding does; the first rewrites of memory-plan let a product write over its residual, which no other place does.
   */
  private static final Map<String, Integer> FAULTS =
      Map.of("observe", 1, "hlc", 1, "srap", 1, "aigq", 2, "memory-plan", 40);

  /** What one argument of a command is, quoted or not. */
  private static final Pattern ARGUMENT = Pattern.compile("((?:'[^']*'|[^' ])+)");

  @TempDir
  private static Path folder;

  @BeforeAll
  static void liftASmallModel() {
    Path model = folder.resolve("model");
    CommandRun.of("synth-model", model.toString(), "--set", "depth=3").assertWorked();
    CommandRun.of("import", model.toString(), "--latent", "2,4,4", "--print-loc", "-o", input())
        .assertWorked();
  }

  private static String input() {
    return folder.resolve("input.qir").toString();
  }

  static Set<String> passes() {
    return AllPasses.byName().keySet();
  }

  private static int fault(String pass) {
    return FAULTS.getOrDefault(pass, 3);
  }

  private static String pipeline(String faulty) {
    List<String> out = new ArrayList<>();
    for (String step : PIPELINE) {
      String name = step.replaceAll("\\{.*", "");
      String options = step.equals(name) ? "" : step.replaceAll(".*\\{|}", "") + ",";
      out.add(name.equals(faulty) ? name + "{" + options + "fault=" + fault(faulty) + "}" : step);
    }
    return String.join(",", out);
  }

  /** Its own proof finds a wrong plan; the reference device has no arena. */
  private static String code(String pass) {
    return pass.equals("memory-plan") ? "PA0301" : "PA0605";
  }

  @Test
  void thePipelineOfThisTestHoldsEveryPass() {
    assertThat(PIPELINE.stream().map(step -> step.replaceAll("\\{.*", "")))
        .containsExactlyInAnyOrderElementsOf(passes());
  }

  @Test
  void withoutAFaultThereIsNothingToFind() {
    CommandRun.of("bisect", input(), "--passes", pipeline("none")).assertRefused("PA0609");
  }

  @ParameterizedTest
  @MethodSource("passes")
  void differentialExecutionFindsThePassAndItsReproducerFailsAgain(String pass) throws IOException {
    Path dumps = folder.resolve(pass);
    CommandRun run = CommandRun.of(
            "opt",
            input(),
            "--passes",
            pipeline(pass),
            "--diff-exec",
            "--dump-dir",
            dumps.toString())
        .assertRefused(code(pass));
    Path reproducer = dumps.resolve("reproduce.qir");
    if (!pass.equals("memory-plan")) {
      assertThat(run.err()).contains("pass '" + pass + "' (#");
    }
    assertThat(run.err()).contains("wrote " + reproducer);

    CommandRun replay = CommandRun.of(command(reproducer)).assertRefused(code(pass));
    assertThat(error(replay)).isEqualTo(error(run).replaceAll("\\(#[0-9]+\\)", "(#1)"));
  }

  /** The command in the first line, as a shell in the folder of the file would run it. */
  private static List<String> command(Path reproducer) throws IOException {
    String line = Files.readAllLines(reproducer).get(0);
    assertThat(line).startsWith("// reproduce: qcc opt reproduce.qir --passes=");
    List<String> out = new ArrayList<>();
    Matcher arguments = ARGUMENT.matcher(line.substring("// reproduce: qcc ".length()));
    while (arguments.find()) {
      out.add(arguments.group().replace("'", "").replace("reproduce.qir", reproducer.toString()));
    }
    return out;
  }

  private static String error(CommandRun run) {
    return run.err()
        .lines()
        .filter(line -> line.startsWith("error["))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("passes")
  void bisectionFindsTheRewrite(String pass) throws IOException {
    CommandRun run =
        CommandRun.of("bisect", input(), "--passes", pipeline(pass), "--json").assertWorked();

    JsonNode found = JsonMapper.builder().build().readTree(run.out());
    assertThat(found.path("pass").asText()).as(run.err()).isEqualTo(pass);
    assertThat(found.path("rewrite").path("number").asInt()).as(run.err()).isEqualTo(fault(pass));
    assertThat(found.path("rewrite").path("event").asText()).isNotEmpty();
    assertThat(found.path("rewrite").path("at").asText()).isNotEmpty();
    assertThat(found.path("rewrite").path("diff").asText()).contains("@@ func @sample @@");
    assertThat(run.err()).contains("bisect: no passes: good");
  }
}
