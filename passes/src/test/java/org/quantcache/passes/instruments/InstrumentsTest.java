package org.quantcache.passes.instruments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

class InstrumentsTest {
  private static final String TEXT = """
      module @t {
        weight.def @w <key = "w", type = f32[4, 4]>
        func @f(%x: f32[2, 4], %r: f32[2, 4]) -> f32[2, 4] <results = ["output"]> {
          %w = weight.get <weight = @w> : f32[4, 4]
          %p = nn.linear(%x, %w) : f32[2, 4]
          %s = math.add(%r, %p) : f32[2, 4]
          %d = nn.silu(%s) : f32[2, 4]
          func.return(%s)
        }
      }
      """;

  private static IrModule module(String text) {
    return IrParser.parse(text, "test.qir", StandardOps.registry());
  }

  private static void run(String passes, PassInstrument... instruments) {
    new PassManager(StandardOps.registry(), List.of(instruments))
        .run(AllPasses.parse(passes), module(TEXT));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void dumpHoldsEveryStepThatChangedSomething(@TempDir Path folder) throws IOException {
    run("hoist,fold,fuse", DumpDirectory.open(folder, StandardOps.registry()));

    assertThat(names(folder))
        .containsExactly(
            "000-input.qir",
            "002-fold.diff",
            "002-fold.qir",
            "003-fuse.diff",
            "003-fuse.qir",
            "003-fuse.remarks.jsonl",
            "manifest.json");
    assertThat(Files.readString(folder.resolve("000-input.qir"))).contains("nn.silu");
    assertThat(Files.readString(folder.resolve("002-fold.diff")))
        .contains("- ", "%d = nn.silu(%s)", "nn.silu: -1")
        .doesNotContain("+ ");
    assertThat(Files.readString(folder.resolve("003-fuse.qir")))
        .contains("fused.linear(%x, %w, %r)");
    assertThat(Files.readString(folder.resolve("003-fuse.remarks.jsonl")))
        .isEqualTo(
            "{\"pass\":\"fuse\",\"event\":\"EpilogueFused\",\"at\":\"test.qir:6:10\",\"part\":\"residual\"}\n");
    assertThat(Files.readString(folder.resolve("manifest.json")))
        .containsSubsequence("\"hoist\"", "false", "\"fold\"", "true", "\"fuse\"", "true");
  }

  @Test
  void dumpCanBeTakenAgainAndIsTheSame(@TempDir Path folder) throws IOException {
    run("fold,fuse", DumpDirectory.open(folder, StandardOps.registry()));
    String first = Files.readString(folder.resolve("manifest.json"));
    run("fuse", DumpDirectory.open(folder, StandardOps.registry()));
    assertThat(names(folder)).contains("001-fuse.qir").doesNotContain("001-fold.qir");
    run("fold,fuse", DumpDirectory.open(folder, StandardOps.registry()));

    assertThat(Files.readString(folder.resolve("manifest.json"))).isEqualTo(first);
  }

  @Test
  void dumpTouchesNoFolderThatHoldsOtherFiles(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("000-input.qir"), "old");
    Files.writeString(folder.resolve("thesis.txt"), "mine");

    UserError error = catchThrowableOfType(
        UserError.class, () -> DumpDirectory.open(folder, StandardOps.registry()));

    assertThat(error.code()).isEqualTo("PA0401");
    assertThat(error.getMessage()).contains("thesis.txt");
    assertThat(names(folder)).containsExactly("000-input.qir", "thesis.txt");
  }

  @Test
  void dumpIntoAFileIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");

    UserError error = catchThrowableOfType(
        UserError.class, () -> DumpDirectory.open(file, StandardOps.registry()));

    assertThat(error.code()).isEqualTo("PA0402");
    assertThat(Files.readString(file)).isEqualTo("mine");
  }

  @Test
  void dumpKeepsTheModuleThatAPassFailedOn(@TempDir Path folder) throws IOException {
    String text = TEXT.replace("nn.silu(%s)", "nn.rms_norm(%s, %n) <epsilon = 1.0>")
        .replace("weight.def", "weight.def @n <key = \"n\", type = f32[4]>\n  weight.def")
        .replace("%p =", "%n = weight.get <weight = @n> : f32[4]\n %p =")
        .replace("func.return(%s)", "func.return(%d)");
    PassManager manager = new PassManager(
        StandardOps.registry(), List.of(DumpDirectory.open(folder, StandardOps.registry())));

    UserError error = catchThrowableOfType(
        UserError.class, () -> manager.run(AllPasses.parse("fuse,lower"), module(text)));

    assertThat(error.code()).isEqualTo("PA0201");
    assertThat(names(folder)).contains("002-lower.failed.qir");
    assertThat(Files.readString(folder.resolve("manifest.json")))
        .contains("the cpu device does not run 'nn.rms_norm'");
  }

  @Test
  void printsWhereItWasAsked() {
    StringBuilder out = new StringBuilder();
    run(
        "fold,fuse,fuse",
        new PrintIr(new PrintIr.When(Set.of("fuse"), Set.of("fold"), false, Set.of()), out));

    assertThat(out.toString().lines().filter(line -> line.startsWith("//")))
        .containsExactly(
            "// ---- after fold (#1, changed) ----",
            "// ---- before fuse (#2) ----",
            "// ---- before fuse (#3) ----");
  }

  @Test
  void printsAfterEveryChange() {
    StringBuilder out = new StringBuilder();
    run("hoist,fold,fuse", new PrintIr(new PrintIr.When(Set.of(), Set.of(), true, Set.of()), out));

    assertThat(out.toString().lines().filter(line -> line.startsWith("//")))
        .containsExactly(
            "// ---- after fold (#2, changed) ----", "// ---- after fuse (#3, changed) ----");
  }

  @Test
  void timingAddsUpTheClock() {
    long[] now = {0};
    Timing timing = new Timing(() -> now[0] += 1_500_000);
    run("fold,fuse", timing);

    assertThat(timing.list().lines().map(String::strip).map(line -> line.replaceAll(" +", " ")))
        .containsExactly("1 fold 1.500 ms", "2 fuse 1.500 ms", "all 3.000 ms");
    assertThat(timing.json())
        .isEqualTo(
            "[{\"number\":1,\"pass\":\"fold\",\"ms\":1.5},{\"number\":2,\"pass\":\"fuse\",\"ms\":1.5}]");
  }

  @Test
  void statisticsCountRewritesAndOperations() {
    Statistics statistics = new Statistics();
    run("fold,fuse", statistics);

    assertThat(statistics.entries())
        .extracting(
            Statistics.Entry::pass, Statistics.Entry::rewrites, Statistics.Entry::operations)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("fold", Map.of(), Map.of("nn.silu", -1L)),
            org.assertj.core.groups.Tuple.tuple(
                "fuse",
                Map.of("EpilogueFused", 1L),
                Map.of("math.add", -1L, "nn.linear", -1L, "fused.linear", 1L)));
    assertThat(statistics.entries().get(0).before().get("f").once().flops())
        .isEqualTo(2 * 2 * 4 * 4 + 8 + 4 * 8);
    assertThat(statistics.entries().get(0).after().get("f").once().flops())
        .isEqualTo(2 * 2 * 4 * 4 + 8);
    assertThat(statistics.text()).contains("1 fold", "EpilogueFused", "+1", "-1", "104 -> 72");
  }

  @Test
  void remarksAreJsonWhateverTheirText() {
    Attributes details =
        Attributes.of("rows", Attribute.of(3)).with("why", Attribute.string("a \"b\"\n\u0001"));

    assertThat(new Remark("fold", "Event", "x\\y", details).json())
        .isEqualTo(
            "{\"pass\":\"fold\",\"event\":\"Event\",\"at\":\"x\\\\y\",\"rows\":3,\"why\":\"a \\\"b\\\"\\n\\u0001\"}");
  }

  @Test
  void verificationRefusesABrokenInput() {
    IrModule broken = module(TEXT.replace("-> f32[2, 4] <", "-> f32[2, 5] <"));
    PassManager manager = new PassManager(StandardOps.registry(), List.of(new VerifyEach()));

    UserError error =
        catchThrowableOfType(UserError.class, () -> manager.run(AllPasses.parse("fold"), broken));

    assertThat(error.code()).isEqualTo("IR0204");
  }
}
