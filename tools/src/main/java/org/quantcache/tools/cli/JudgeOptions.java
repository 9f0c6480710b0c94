package org.quantcache.tools.cli;

import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.passes.bisect.ErrorJudge;
import org.quantcache.passes.bisect.Judge;
import org.quantcache.passes.bisect.NumericsJudge;
import org.quantcache.passes.execution.DifferentialExecution;
import org.quantcache.passes.execution.DifferentialExecution.Settings;
import org.quantcache.passes.execution.SeededWeights;
import picocli.CommandLine.Option;

/** What is good. */
final class JudgeOptions {
  /** A guard computes its first and last two steps, so it takes some more to see what it costs. */
  private static final int STEPS_WITH_DECISIONS = 8;

  private static final int MOST_STEPS = 1000;

  @Option(
      names = "--test",
      paramLabel = "CMD",
      description =
          "A command of the shell, good when it exits with 0; %%s in it is a file with the module.")
  private String test;

  @Option(
      names = "--max-error",
      paramLabel = "E",
      description = {
        "Good is a result within this relative L2 of the module before any pass, guards and branches",
        "deciding as they do in a run: finds what costs quality."
      })
  private Double maxError;

  @Option(
      names = "--steps",
      description = "Steps of a sampling loop (default 3, with --max-error 8).")
  private Integer steps;

  @Option(
      names = "--seed",
      defaultValue = "7",
      description =
          "Seed of inputs, and of weights where no model is given (default ${DEFAULT-VALUE}).")
  private long seed;

  /** Weights are stand-ins. @throws UserError CL0722, CL0723 for options without a meaning */
  Judge judge(IrModule module) {
    return judge(module, SeededWeights.balanced(module, seed));
  }

  /** @throws UserError CL0722, CL0723 for options without a meaning */
  Judge judge(IrModule module, WeightStore weights) {
    if (test != null && maxError != null) {
      throw UserError.of("CL0722", "--test and --max-error exclude each other")
          .withHint("one check at a time");
    }
    if (test != null) {
      return new CommandJudge(test);
    }
    if (maxError != null && !(maxError >= 0 && maxError < Double.POSITIVE_INFINITY)) {
      throw UserError.of("CL0723", "--max-error is %s, expected a number from 0 on", maxError)
          .withHint("such as 0.05, five in a hundred");
    }
    if (steps != null && (steps < 1 || steps > MOST_STEPS)) {
      throw UserError.of("CL0723", "--steps is %d, expected 1..%d", steps, MOST_STEPS)
          .withHint("more steps than a few take long on the reference device");
    }
    Settings plain = Settings.seeded(seed);
    int count = steps != null ? steps : maxError != null ? STEPS_WITH_DECISIONS : plain.steps();
    DecisionMode decisions = maxError != null ? DecisionMode.ADAPTIVE : plain.decisions();
    DifferentialExecution execution = new DifferentialExecution(
        module, weights, new Settings(seed, count, decisions, plain.filled()));
    return maxError != null ? new ErrorJudge(execution, maxError) : new NumericsJudge(execution);
  }
}
