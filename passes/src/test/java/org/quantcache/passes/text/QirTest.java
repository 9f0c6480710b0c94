package org.quantcache.passes.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.execution.Difference;
import org.quantcache.passes.execution.DifferentialExecution;
import org.quantcache.passes.execution.DifferentialExecution.Settings;
import org.quantcache.passes.instruments.Remark;
import org.quantcache.passes.instruments.RemarkLog;
import org.quantcache.passes.instruments.RewriteLimit;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;

/**
 * The files of {@code src/test/qir}: IR, a pipeline and what must come out. Whatever comes out is also parsed again and
 * run on the reference device against what went in.
 */
class QirTest {
  private static final Path FOLDER = Path.of("src/test/qir");

  @TestFactory
  Stream<DynamicTest> files() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".qir"))
          .sorted()
          .flatMap(file -> QirCase.of(file).stream())
          .toList()
          .stream()
          .map(test -> DynamicTest.dynamicTest(test.name(), () -> run(test)));
    }
  }

  private static void run(QirCase test) {
    Pipeline pipeline = AllPasses.parse(test.passes());
    RemarkLog log = new RemarkLog();
    PassManager manager = new PassManager(StandardOps.registry(), List.of(new VerifyEach(), log));
    IrModule module = parse(test);
    if (test.error().isPresent()) {
      UserError error = catchThrowableOfType(UserError.class, () -> manager.run(pipeline, module));
      assertThat(error).as("an error %s", test.error().get()).isNotNull();
      assertThat(error.code()).as(error.report()).isEqualTo(test.error().get());
      FileCheck.check(error.report(), CheckLine.of(test.text(), test.line()));
      return;
    }
    manager.run(pipeline, module);
    String printed = IrPrinter.print(module);
    FileCheck.check(printed, CheckLine.of(test.text(), test.line()));
    assertThat(log.remarks().stream().map(Remark::event)).containsAll(test.remarks());
    assertThat(IrPrinter.print(IrParser.parse(printed, "printed", StandardOps.registry())))
        .isEqualTo(printed);
    assertSame(test, module, numerics(pipeline));
  }

  /** Rewrites of a pass that are tried one by one; tests of more are rare. */
  private static final int MOST_LIMITS = 6;

  @TestFactory
  Stream<DynamicTest> everyRewriteCanBeRefused() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".qir"))
          .sorted()
          .flatMap(file -> QirCase.of(file).stream())
          .filter(test -> test.error().isEmpty())
          .toList()
          .stream()
          .map(test -> DynamicTest.dynamicTest(test.name(), () -> refuse(test)));
    }
  }

  /** Whatever is refused, the module holds and computes the same; at last nothing is left to refuse. */
  private static void refuse(QirCase test) {
    Pipeline pipeline = AllPasses.parse(test.passes());
    int passes = pipeline.steps().size();
    for (int number = 1; number <= passes; number++) {
      long refused = 1;
      for (long limit = 0; limit < MOST_LIMITS && refused > 0; limit++) {
        Refusal refusal = new Refusal(number, limit);
        IrModule module = parse(test);
        if (runs(pipeline, module, refusal)) {
          assertSame(test, module, numerics(pipeline));
        }
        assertThat(refusal.made).as("rewrites of pass %d", number).isLessThanOrEqualTo(limit);
        if (refusal.refused > 0) {
          assertThat(refusal.made).as("rewrites of pass %d", number).isEqualTo(limit);
        }
        refused = refusal.refused;
      }
    }
  }

  /** Whether the passes run; bits that are to follow a guard say that there is none where guards are refused. */
  private static boolean runs(Pipeline pipeline, IrModule module, Refusal refusal) {
    try {
      new PassManager(StandardOps.registry(), List.of(new VerifyEach(), refusal))
          .run(pipeline, module);
      return true;
    } catch (UserError e) {
      assertThat(e.code()).as(e.report()).isEqualTo("PA0706");
      return false;
    }
  }

  /** Limits one pass and counts. */
  private static final class Refusal implements PassInstrument {
    private final RewriteLimit limit;
    private final int limited;
    private int running;
    private long made;
    private long refused;

    Refusal(int number, long most) {
      limited = number;
      limit = new RewriteLimit(Integer.toString(number), most);
    }

    @Override
    public void before(int number, PassInfo pass, IrModule module) {
      running = number;
    }

    @Override
    public boolean mayRewrite(
        int number, PassInfo pass, long index, String event, Location location) {
      boolean may = limit.mayRewrite(number, pass, index, event, location);
      refused += may ? 0 : 1;
      return may;
    }

    @Override
    public void rewritten(PassInfo pass, String event, Location location, Attributes details) {
      made += running == limited ? 1 : 0;
    }
  }

  private static void assertSame(QirCase test, IrModule after, Numerics numerics) {
    IrModule before = parse(test);
    DifferentialExecution execution =
        new DifferentialExecution(before, new Settings(7, 3, DecisionMode.ALWAYS, test.inputs()));
    Optional<Difference> worst =
        Difference.largest(execution.runOrigin(before), execution.run(after));
    assertThat(worst)
        .hasValueSatisfying(difference -> assertThat(difference.relative())
            .as(difference.text())
            .isLessThanOrEqualTo(DifferentialExecution.bound(numerics)));
  }

  private static IrModule parse(QirCase test) {
    return IrParser.parse(test.text(), test.file(), StandardOps.registry());
  }

  /** Guards compute at every step here, so what rounding does shows most. */
  private static Numerics numerics(Pipeline pipeline) {
    List<Numerics> all = pipeline.steps().stream()
        .map(step -> step.pass().info())
        .map(PassInfo::numerics)
        .toList();
    return all.contains(Numerics.QUANTIZES)
        ? Numerics.QUANTIZES
        : all.stream().max(Enum::compareTo).orElse(Numerics.EXACT);
  }
}
