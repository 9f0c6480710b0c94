package org.quantcache.tools.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.tools.gpu.Card;
import org.quantcache.tools.gpu.CheckFiles;
import org.quantcache.tools.gpu.SamplingBench;
import org.quantcache.tools.gpu.SamplingRun;
import org.quantcache.tools.sample.Samples;
import picocli.CommandLine.Option;

/** {@code qcc bench sampling}. */
final class SamplingOptions {
  private static final List<Integer> STEPS = List.of(30, 100);
  private static final List<Integer> EMULATED_STEPS = List.of(2);
  private static final int ROUNDS = 3;

  @Option(
      names = "--work",
      paramLabel = "FOLDER",
      defaultValue = "sampling-work",
      description = {
        "sampling: where the checkpoint, an artifact at a time and latents lie, 5 GB for XL/2; made when missing",
        "(default ${DEFAULT-VALUE})."
      })
  private Path work;

  @Option(
      names = "--model",
      paramLabel = "MODEL_DIR",
      description =
          "sampling: whose calibration and decisions builds take (default: the sample model).")
  private Path model;

  @Option(
      names = "--python",
      defaultValue = "python3",
      description = "sampling: interpreter that has PyTorch (default ${DEFAULT-VALUE}).")
  private String python;

  /** What the verb says beside. */
  record Given(Integer rounds, List<Integer> steps, List<String> only, Path json, Path markdown) {}

  /** Measures, prints the table, writes the files. @throws UserError CL0613 when rows failed, CL0606, CL0607, CL0614 */
  void run(Verb verb, CardOptions card, Given given) {
    boolean emulated = card.emulated();
    int rounds = given.rounds() != null ? given.rounds() : emulated ? 1 : ROUNDS;
    List<Integer> steps =
        !given.steps().isEmpty() ? given.steps() : emulated ? EMULATED_STEPS : STEPS;
    if (rounds < 1 || steps.stream().anyMatch(n -> n < 1 || n > 1000)) {
      throw UserError.of("CL0607", "%d rounds of %s steps", rounds, steps)
          .withHint("expected 1 round or more, and 1..1000 steps, as in --steps 30,100");
    }
    Verb.requireFolder(work);
    Path json = given.json() != null ? given.json() : work.resolve("sampling.json");
    Verb.requireWritable(json);
    try (CheckFiles files = card.files()) {
      SamplingBench.Settings settings = new SamplingBench.Settings(
          work,
          model == null ? Samples.sprites() : model,
          card.target(),
          steps,
          given.only(),
          rounds,
          python);
      SamplingRun run = SamplingBench.run(
          files,
          card(),
          settings,
          json,
          Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
          command(card, rounds, steps, given.only()),
          listener(verb));
      verb.out().print(run.markdown());
      verb.out().flush();
      if (given.markdown() != null) {
        AtomicFile.write(given.markdown(), run.markdown().getBytes(StandardCharsets.UTF_8));
      }
      if (run.failures() > 0) {
        throw UserError.of(
                "CL0613", "%d of %d loops failed", run.failures(), run.rows().size())
            .withHint("what failed stands below the table; the same command tries it again");
      }
    }
  }

  private static Card card() {
    try (CudaDevice device = CudaDevice.open()) {
      return Card.of(device);
    }
  }

  private String command(CardOptions card, int rounds, List<Integer> steps, List<String> only) {
    return "qcc bench sampling --steps %s --rounds %d%s%s"
        .formatted(
            steps.stream().map(String::valueOf).collect(Collectors.joining(",")),
            rounds,
            only.isEmpty() ? "" : " --only " + String.join(",", only),
            card.text());
  }

  private static SamplingBench.Listener listener(Verb verb) {
    return new SamplingBench.Listener() {
      @Override
      public void say(String what) {
        verb.say("%s", what);
      }

      @Override
      public BuildProgress building() {
        return verb.buildProgress();
      }

      @Override
      public SamplingBench.Progress counting(String what) {
        return verb.progress(what)::show;
      }

      @Override
      public StepObserver sampling(String what) {
        return verb.progress(what);
      }
    };
  }
}
