package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.passes.calibration.Trajectory;
import org.quantcache.tools.calibrate.Calibrator;
import org.quantcache.tools.calibrate.OwnPrompts;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.sample.SampleModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc calibrate}. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description = {
      "Run a model on a few prompts and learn what caching and rounding need to know.",
      "A calibration that was stopped goes on where it was when it is started again;",
      "one of the same cases that lacks a part gets that part."
    })
final class CalibrateCommand extends Verb {
  private static final int MOST_CASES = 1000;

  @Parameters(paramLabel = "MODEL_DIR", description = "Folder of the model.")
  private Path model;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Where to write (default: calibration.json in the folder of the model).")
  private Path output;

  @Option(
      names = "--prompt",
      description = "What to generate; default: prompts of the model's own words.")
  private List<String> prompts = new ArrayList<>();

  @Option(
      names = "--cases",
      defaultValue = "8",
      description = "How many prompts of its own words (default ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--seed",
      defaultValue = "1000",
      description =
          "Seed of the first case; each further one takes the next (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--steps", description = "Sampling steps (default: the model's).")
  private Integer steps;

  @Option(
      names = "--trajectory-only",
      description = "Leave out what rounding costs and its noise; aigq with weights=auto needs it.")
  private boolean trajectoryOnly;

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    Path target = output != null ? output : model.resolve(Calibrations.FILE);
    requireWritable(target);
    SampleModel sample = SampleModel.of(model);
    int length = steps == null ? sample.sampler().steps() : steps;
    if (length < 2 || length > Trajectory.MOST_STEPS) {
      throw UserError.of(
              "CL0603", "a calibration has 2..%d steps, found %d", Trajectory.MOST_STEPS, length)
          .withHint("give --steps; a plan carries over to loops of other lengths");
    }
    List<Case> cases = cases(sample);
    new Calibrator(model, length, cases, threads.count(), !trajectoryOnly)
        .run(
            target,
            (one, i) ->
                say("case %d of %d: %s, seed %d", i + 1, cases.size(), one.prompt(), one.seed()),
            part -> say("%s", part));
    say("wrote %s", target);
  }

  private List<Case> cases(SampleModel sample) {
    if (count < 1 || count > MOST_CASES) {
      throw UserError.of("CL0604", "--cases is %d, expected 1..%d", count, MOST_CASES);
    }
    List<Case> out = new ArrayList<>();
    for (String prompt : prompts) {
      out.add(new Case(prompt, seed + out.size()));
    }
    return out.isEmpty() ? OwnPrompts.cases(sample, 0, count, seed) : out;
  }
}
