package org.quantcache.passes.instruments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.bisect.Bisection;
import org.quantcache.passes.bisect.Culprit;
import org.quantcache.passes.bisect.ErrorJudge;
import org.quantcache.passes.bisect.Judge;
import org.quantcache.passes.bisect.Probe;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.execution.DifferentialExecution;
import org.quantcache.passes.execution.DifferentialExecution.Settings;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.passes.pipelines.PassHelp;

/** Wrong rewrites, and what limits, runs, keeps and halves to find them. */
class FindingFaultsTest {
  private static final String TEXT = """
      module @t {
        weight.def @w <key = "w", type = f32[4, 4]>
        weight.def @v <key = "v", type = f32[4, 4]>
        func @f(%x: f32[2, 4], %r: f32[2, 4]) -> f32[2, 4] <results = ["output"]> {
          %w = weight.get <weight = @w> : f32[4, 4] loc("blocks.0.fc1")
          %v = weight.get <weight = @v> : f32[4, 4] loc("blocks.10.fc1")
          %p = nn.linear(%x, %w) : f32[2, 4] loc("blocks.0.fc1")
          %s = math.add(%r, %p) : f32[2, 4] loc("blocks.0.fc1")
          %q = nn.linear(%s, %v) : f32[2, 4] loc("blocks.10.fc1")
          %g = nn.gelu(%q) : f32[2, 4] loc("blocks.10.act")
          %d = nn.silu(%s) : f32[2, 4] loc("last")
          func.return(%g)
        }
      }
      """;

  private static IrModule module(String text) {
    return IrParser.parse(text, "test.qir", StandardOps.registry());
  }

  private static IrModule run(String text, String passes, PassInstrument... instruments) {
    IrModule module = module(text);
    new PassManager(StandardOps.registry(), List.of(instruments))
        .run(AllPasses.parse(passes), module);
    return module;
  }

  private static DiffExec differences() {
    return new DiffExec(Settings.seeded(7), line -> {});
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertCode(
      String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo(code));
  }

  @Test
  void faultsAreShownByNoHelpAndByThePipelineThatHasOne() {
    assertThat(PassHelp.text() + PassHelp.markdown()).doesNotContain("fault=", "{fault}");
    assertThat(AllPasses.parse("fold,fuse").text()).doesNotContain("fault=", "{fault}");
    assertThat(AllPasses.parse("fold,fuse{fault=2}").text())
        .isEqualTo("fold,fuse{fault=2,rules=all}");
    assertCode("PA0103", () -> AllPasses.parse("fold{fault=0}"));
    assertCode("PA0102", () -> AllPasses.parse("fixpoint(fold){fault=1}"));
  }

  @Test
  void aFaultThatIsNotThereIsToldUnlessRewritesWereRefused() {
    assertCode("PA0604", () -> run(TEXT, "fuse{fault=3}"))
        .hasMessageContaining("the pass makes 2 rewrites");
    run(TEXT, "fuse{fault=2}", new RewriteLimit("fuse", 1));
  }

  @Test
  void differentialExecutionNamesThePassAndSaysWhatOthersDid() {
    List<String> told = new ArrayList<>();
    DiffExec execution = new DiffExec(Settings.seeded(7), told::add);

    assertCode("PA0605", () -> run(TEXT, "fold,fuse{fault=1},hoist", execution, new VerifyEach()))
        .hasMessageContaining("pass 'fuse' (#2)")
        .hasMessageContaining("@f output: relative L2");
    assertThat(told).containsExactly("fold (#1): equal bits");
  }

  @Test
  void aModuleThatNobodyWouldWaitForIsRefused() {
    String large = TEXT.replace("[2, 4]", "[4096, 4096]").replace("[4, 4]", "[4096, 4096]");

    assertCode("PA0606", () -> run(large, "fold", differences()))
        .hasMessageContaining("takes 275 GFLOP");
  }

  @Test
  void resultsThatSayNothingAreRefused() {
    String infinite = """
        module @t {
          func @f(%x: f32[4]) -> f32[4] <results = ["output"]> {
            %c = tensor.constant <value = 1.0E30> : f32[4]
            %p = math.mul(%c, %c) : f32[4]
            func.return(%p)
          }
        }
        """;

    assertCode("PA0607", () -> run(infinite, "fold", differences()))
        .hasMessageContaining("@f output is Infinity at element 0 before any pass");
  }

  @Test
  void oneFunctionAloneIsPrinted() {
    StringBuilder out = new StringBuilder();
    run(
        TEXT.replace(
            "func @f",
            "func @g() -> f32[1] <results = [\"r\"]> {\n %o = tensor.constant <value = 1.0> : f32[1]\n func.return(%o)\n }\n func @f"),
        "fuse",
        new PrintIr(new PrintIr.When(Set.of(), Set.of("fuse"), false, Set.of("f")), out));
    assertThat(out.toString()).contains("func @f").doesNotContain("module @", "func @g");

    assertCode(
            "PA0608",
            () -> run(
                TEXT,
                "fuse",
                new PrintIr(new PrintIr.When(Set.of(), Set.of("fuse"), false, Set.of("h")), out)))
        .hasMessageContaining("has no function @h");
  }

  @Test
  void passesBehindTheLimitAreSkippedUnlessTheyAreRequired() {
    StringBuilder out = new StringBuilder();
    IrModule module = run(TEXT, "hoist,fold,fuse", new BisectLimit(1, out));

    assertThat(out.toString().lines())
        .containsExactly(
            "bisect: running (1) hoist",
            "bisect: not running (2) fold",
            "bisect: running (3) fuse, which is required");
    // What nobody reads is still there, for fold did not run; fuse removes it as well.
    assertThat(IrPrinter.print(module)).contains("fused.linear");
  }

  @Test
  void rewritesBehindTheLimitAreRefusedInThePassThatIsMeant() {
    for (String name : List.of("fuse", "2")) {
      RewriteLimit limit = new RewriteLimit(name, 1);
      RemarkLog log = new RemarkLog();
      run(TEXT, "fold,fuse", new VerifyEach(), limit, log);

      assertThat(log.remarks()).extracting(Remark::at).containsExactly("blocks.0.fc1");
      assertThat(limit.isFound()).isTrue();
    }
    RewriteLimit other = new RewriteLimit("hlc", 1);
    run(TEXT, "fold,fuse", other);
    assertThat(other.isFound()).isFalse();
  }

  @Test
  void aReproducerHoldsTheModuleBeforeThePassAndTheCommand(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("it fails.qir");
    Reproducer reproducer =
        new Reproducer(file, List.of("--seed=7", "--diff-exec"), List.of(new RewriteLimit("2", 5)));

    assertCode("PA0605", () -> run(TEXT, "fold,fuse{fault=2}", differences(), reproducer));

    List<String> lines = Files.readAllLines(file);
    assertThat(lines.get(0))
        .isEqualTo(
            "// reproduce: qcc opt 'it fails.qir' --passes='fuse{fault=2,rules=all}' --seed=7 --diff-exec --rewrite-limit=fuse:5");
    assertThat(lines.get(1)).startsWith("// error[PA0605]: pass 'fuse' (#2)");
    assertThat(reproducer.written()).contains(file);
    assertThat(IrPrinter.print(module(Files.readString(file))))
        .isEqualTo(IrPrinter.print(run(TEXT, "fold")));
    assertCode("PA0605", () -> run(Files.readString(file), "fuse{fault=2}", differences()));
  }

  @Test
  void nothingIsWrittenWhenNothingFails(@TempDir Path folder) {
    Reproducer reproducer = new Reproducer(folder.resolve("r.qir"), List.of(), List.of());
    run(TEXT, "fold,fuse", reproducer);

    assertThat(reproducer.written()).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void thePlanOfABlockIsShownBeforeAndAfter() {
    ProfilePlan plan = new ProfilePlan();
    run(TEXT, "fold,fuse", plan);

    assertThat(plan.text().lines().map(line -> line.strip().replaceAll(" +", " ")))
        .hasSize(5)
        .anyMatch(line -> line.startsWith("blocks.0 once") && line.endsWith("2 -> 1"))
        .anyMatch(line -> line.startsWith("blocks.10 once") && line.endsWith("2 -> 1"))
        .anyMatch(line -> line.startsWith("last once") && line.endsWith("1 -> 0"))
        .anyMatch(line -> line.startsWith("@f once") && line.endsWith("5 -> 2"));
  }

  @Test
  void theTreeOfTimesHasRoundsOfFixpoints() {
    long[] now = {0};
    Timing timing = new Timing(() -> now[0] += 1_000_000);
    run(TEXT, "hoist,fixpoint(fuse)", timing);

    assertThat(timing.tree().lines().map(line -> line.replaceAll(" +[0-9.]+ ms.*", "")))
        .containsExactly(
            "all",
            "  1 hoist",
            "  fixpoint(fuse{rules=all}){limit=100} round 1",
            "    2 fuse",
            "  fixpoint(fuse{rules=all}){limit=100} round 2",
            "    3 fuse");
    assertThat(timing.tree()).contains("33.3 %");
  }

  @Test
  void statisticsAddUpWeightsAndValues() {
    Statistics statistics = new Statistics();
    run(TEXT, "fold,fuse", statistics);

    Statistics.Entry fuse = statistics.entries().get(1);
    assertThat(fuse.memoryBefore().weightBytes()).isEqualTo(2 * 4 * 4 * 4);
    // x, r and p at the sum; x and the sum when it is fused.
    assertThat(fuse.memoryBefore().peakBytes()).containsEntry("f", 3L * 2 * 4 * 4);
  }

  private static Culprit find(String passes, Judge judge, List<Probe> probes) {
    return new Bisection(
            StandardOps.registry(), () -> module(TEXT), AllPasses.parse(passes), judge, probes::add)
        .find();
  }

  /** Bad is a module with gelu in an epilogue. */
  private static final class NoGelu implements Judge {
    @Override
    public Optional<String> problem(IrModule module) {
      return IrPrinter.print(module).contains("[gelu]")
          ? Optional.of("gelu was fused")
          : Optional.empty();
    }
  }

  @Test
  void bisectionFindsPassRewriteAndWhatItChanged() {
    List<Probe> probes = new ArrayList<>();
    Culprit culprit = find("fold,hoist,fuse,fold", new NoGelu(), probes);

    assertThat(culprit.number()).isEqualTo(3);
    assertThat(culprit.pass()).isEqualTo("fuse");
    assertThat(culprit.problem()).isEqualTo("gelu was fused");
    Culprit.Rewrite rewrite = culprit.rewrite().orElseThrow();
    assertThat(rewrite.number()).isEqualTo(2);
    assertThat(rewrite.event()).isEqualTo("EpilogueFused");
    assertThat(rewrite.at()).contains("blocks.10.act");
    assertThat(rewrite.diff()).contains("nn.gelu: -1").doesNotContain("math.add: -1");
    assertThat(culprit.flags(Culprit.Side.BAD)).isEqualTo("--bisect-limit=3 --rewrite-limit=3:2");
    assertThat(culprit.flags(Culprit.Side.GOOD)).isEqualTo("--bisect-limit=3 --rewrite-limit=3:1");
    assertThat(probes.get(0).text()).isEqualTo("passes 1..4: bad: gelu was fused");
    assertThat(probes)
        .extracting(Probe::text)
        .contains("passes 1..3, rewrite 1 of the last one: good");
  }

  @Test
  void bisectionFindsWhatFirstCrossesABound() {
    DifferentialExecution execution = new DifferentialExecution(module(TEXT), Settings.seeded(7));
    Culprit culprit =
        find("fold,fuse{fault=1}", new ErrorJudge(execution, 1e-3), new ArrayList<>());

    assertThat(culprit.pass()).isEqualTo("fuse");
    assertThat(culprit.rewrite().orElseThrow().number()).isEqualTo(1);
  }

  @Test
  void aCheckThatHoldsOrFailsFromTheStartHasNoCulprit() {
    assertCode("PA0609", () -> find("fold,fuse", new Judge() {}, new ArrayList<>()));
    Judge never = new Judge() {
      @Override
      public Optional<String> problem(IrModule module) {
        return Optional.of("as ever");
      }
    };
    assertCode("PA0610", () -> find("fold,fuse", never, new ArrayList<>()))
        .hasMessageContaining("as ever");
  }

  @Test
  void aPassThatFailsIsFoundLikeOneThatIsWrong() {
    Culprit culprit = find("fold,fuse,hlc", new Judge() {}, new ArrayList<>());

    assertThat(culprit.pass()).isEqualTo("hlc");
    assertThat(culprit.rewrite()).isEmpty();
    assertThat(culprit.problem()).startsWith("PA0511");
  }
}
