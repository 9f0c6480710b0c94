package org.quantcache.tools.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.json.IrJson;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.tools.reduce.CommandInterest;
import org.quantcache.tools.reduce.Interest;
import org.quantcache.tools.reduce.PipelineInterest;
import org.quantcache.tools.reduce.Reducer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc reduce}. */
@Command(
    name = "reduce",
    mixinStandardHelpOptions = true,
    description = {
      "Make a module that shows a failure as small as it can be while it still shows it.",
      "The check is a command, or passes that fail with the same code as on the whole module."
    })
final class ReduceCommand extends Verb {
  private static final long REPORT_NANOS = 1_000_000_000L;

  @Parameters(paramLabel = "FILE", description = "IR text (.qir) or its JSON form (.json).")
  private Path input;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Where the smallest module so far is written (default: FILE.reduced.qir).")
  private Path output;

  @Option(
      names = "--test",
      paramLabel = "CMD",
      description =
          "Command of the shell that fails on a module of interest; %%s stands for the file, else it is the last argument.")
  private String command;

  @Option(
      names = "--expect",
      paramLabel = "TEXT",
      description =
          "A module is of interest when the command prints this text, whatever its exit status, or when passes fail with a message that holds it.")
  private String expected;

  @Option(
      names = "--max-tests",
      defaultValue = "10000",
      paramLabel = "N",
      description =
          "Tests after which the smallest module so far is kept (default ${DEFAULT-VALUE}).")
  private int mostTests;

  @Option(
      names = "--timeout",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description =
          "With --test: time after which a command is stopped; it then shows nothing (default ${DEFAULT-VALUE}).")
  private long seconds;

  @Mixin
  private PipelineOptions pipeline;

  private long lastReport = System.nanoTime();

  @Override
  void execute() {
    Path target = output == null ? Path.of(input + ".reduced.qir") : output;
    requireWritable(target);
    requireOneCheck();
    String text = OptCommand.text(input);
    IrModule module = parse(text);
    int before = Reducer.size(module);
    Reducer.Result result = reduce(module, target);
    AtomicFile.write(target, result.text().getBytes(StandardCharsets.UTF_8));
    if (!result.isDone()) {
      say("stopped after %d tests, more may go: --max-tests", result.tests());
    }
    out()
        .printf(
            "%d of %d operations are left after %d tests, in %s%n",
            result.operations(), before, result.tests(), target);
    out().flush();
  }

  private void requireOneCheck() {
    if ((command == null) == !pipeline.isChosen()) {
      throw UserError.of(
              "CL0742",
              command == null
                  ? "nothing says what to look for"
                  : "--test and passes exclude each other")
          .withHint("give --test 'CMD', or --passes P (or --preset) that fail");
    }
    if (mostTests < 1 || seconds < 1) {
      throw UserError.of("CL0742", "%d tests of %d seconds", mostTests, seconds)
          .withHint("expected 1 or more of both");
    }
  }

  private Reducer.Result reduce(IrModule module, Path target) {
    if (command != null) {
      return reduce(
          module, new CommandInterest(command, Optional.ofNullable(expected), seconds), target);
    }
    PipelineInterest check = new PipelineInterest(
        pipeline.text(),
        pipeline.calibration(input.toAbsolutePath().getParent()),
        expected == null ? "" : expected,
        parse(OptCommand.text(input)));
    say("the passes fail with %s", check.failure());
    return reduce(module, check, target);
  }

  private Reducer.Result reduce(IrModule module, Interest check, Path target) {
    say("the smallest module so far is in %s", target);
    return Reducer.reduce(module, check, mostTests, (text, operations, tests) -> {
      AtomicFile.write(target, text.getBytes(StandardCharsets.UTF_8));
      long now = System.nanoTime();
      if (now - lastReport > REPORT_NANOS) {
        lastReport = now;
        say("%d operations after %d tests", operations, tests);
      }
    });
  }

  /** A module that need not hold: it may be what is wrong with it that is looked for. */
  private IrModule parse(String text) {
    return input.toString().endsWith(".json")
        ? IrJson.read(text, StandardOps.registry())
        : IrParser.parse(text, input.toString(), StandardOps.registry());
  }
}
