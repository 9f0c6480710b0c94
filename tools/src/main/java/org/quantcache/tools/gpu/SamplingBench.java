package org.quantcache.tools.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.Programs;

/**
 * Whole sampling loops of a synthetic model on a card: PyTorch, and builds of ours. A row for each build and number of
 * steps; one that fails says why, and the others follow.
 */
public final class SamplingBench {
  /** Told what is going on. */
  public interface Listener {
    /** Something begins, or is known now. */
    void say(String what);

    /** Follows a compilation. */
    BuildProgress building();

    /** Follows work that counts up. */
    Progress counting(String what);

    /** Follows a loop. */
    StepObserver sampling(String what);
  }

  /** Told that {@code done} of {@code total} is done. */
  @FunctionalInterface
  public interface Progress {
    void show(long done, long total);
  }

  /**
   * What is asked for.
   *
   * @param work folder for checkpoint, artifacts and latents
   * @param sample folder of the sample model, whose calibration and decisions are taken
   * @param target what to compile for; empty when everything is compiled
   * @param steps of the loops
   * @param only builds; empty for all
   * @param rounds loops that count, beside the first one
   * @param python interpreter of PyTorch
   */
  public record Settings(
      Path work,
      Path sample,
      Optional<CompileTarget> target,
      List<Integer> steps,
      List<String> only,
      int rounds,
      String python) {
    /** @throws UserError CL0606 for an unknown build */
    public Settings {
      List<String> known = names();
      for (String name : only) {
        if (known.stream().noneMatch(name::equalsIgnoreCase)) {
          throw UserError.of("CL0606", "no build '%s'", name)
              .withHint(
                  "%sknown: %s",
                  NearestName.of(name, known)
                      .map(n -> "did you mean '" + n + "'? ")
                      .orElse(""),
                  String.join(", ", known));
        }
      }
      steps = List.copyOf(steps);
      only = List.copyOf(only);
    }

    boolean asks(String build) {
      return only.isEmpty() || only.stream().anyMatch(build::equalsIgnoreCase);
    }
  }

  private final CheckFiles files;
  private final SyntheticModel model;
  private final Settings settings;
  private final SamplingResults results;
  private final Listener listener;
  private final boolean emulated;
  private final List<String> notes = new ArrayList<>();

  private SamplingBench(
      CheckFiles files, Card card, Settings settings, SamplingResults results, Listener listener) {
    this.files = files;
    this.emulated = card.emulated();
    this.model = SyntheticModel.of(emulated);
    this.settings = settings;
    this.results = results;
    this.listener = listener;
  }

  /** Names of all builds. */
  public static List<String> names() {
    return Stream.concat(
            TorchSampling.BUILDS.stream(), SamplingBuild.ALL.stream().map(SamplingBuild::name))
        .toList();
  }

  /**
   * Times what is asked for and is not in the file of results yet.
   *
   * @param file of the results, goes on where it ends
   * @param command what was called
   * @throws UserError CL0614, IM0403, RT0301; what fails in a row is in the row
   */
  public static SamplingRun run(
      CheckFiles files,
      Card card,
      Settings settings,
      Path file,
      String date,
      String command,
      Listener listener) {
    Map<String, Object> head = new LinkedHashMap<>(card.facts());
    head.put("model", SyntheticModel.of(card.emulated()).text());
    head.put("rounds", settings.rounds());
    head.put("date", date);
    head.put("command", command);
    SamplingResults results = SamplingResults.open(file, head);
    SamplingBench bench = new SamplingBench(files, card, settings, results, listener);
    bench.runAll();
    return new SamplingRun(
        card,
        SyntheticModel.of(card.emulated()),
        settings.rounds(),
        date,
        command,
        results.rows(),
        bench.notes);
  }

  private void runAll() {
    List<String> torch = TorchSampling.BUILDS.stream().filter(this::isOpen).toList();
    List<SamplingBuild> ours =
        SamplingBuild.ALL.stream().filter(build -> isOpen(build.name())).toList();
    if (torch.isEmpty() && ours.isEmpty()) {
      return;
    }
    listener.say("the checkpoint lies in " + folder());
    Progress progress = listener.counting("checkpoint");
    model.write(folder(), done -> progress.show(done, model.bytes()));
    if (!torch.isEmpty()) {
      runTorch(torch);
    }
    ours.forEach(this::runBuild);
  }

  /** Whether a build that is asked for lacks rows. */
  private boolean isOpen(String build) {
    return settings.asks(build) && !open(build).isEmpty();
  }

  private List<Integer> open(String build) {
    return settings.steps().stream()
        .filter(steps -> results.finished(build, steps).isEmpty())
        .toList();
  }

  private Path folder() {
    return settings.work().resolve("model");
  }

  private Path latents(String build, int steps) {
    return settings.work().resolve("%s-%d.safetensors".formatted(build, steps));
  }

  private void runTorch(List<String> builds) {
    TorchSampling torch = new TorchSampling(settings.python(), emulated);
    Optional<String> missing = torch.missing();
    if (missing.isPresent()) {
      notes.add("PyTorch was not measured: " + missing.get());
      return;
    }
    for (String build : builds) {
      for (int steps : open(build)) {
        row(build, steps, "", () -> {
          Path inputs = settings.work().resolve("inputs-%d.safetensors".formatted(steps));
          TensorFile.write(inputs, model.inputs(steps));
          Path out = latents(build, steps);
          SamplingRow row = torch.run(build, steps, settings.rounds(), folder(), inputs, out);
          return build.equals(TorchSampling.EAGER)
              ? row
              : row.withDistance(distance(steps, TensorFile.read(out).get("output")));
        });
      }
    }
  }

  private void runBuild(SamplingBuild build) {
    List<Integer> open = open(build.name());
    Path artifact = settings.work().resolve("artifact.qca");
    try {
      listener.say("compiling " + build.name());
      compile(build, artifact);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      open.forEach(steps -> failed(build.name(), steps, build.decisions(), e));
      return;
    }
    try {
      open.forEach(
          steps -> row(build.name(), steps, build.decisions(), () -> time(build, steps, artifact)));
    } finally {
      delete(artifact);
    }
  }

  /** The artifact with weights: large, so it stays no longer than it is needed. */
  private void compile(SamplingBuild build, Path artifact) {
    settings
        .target()
        .ifPresent(cards ->
            files.writeSampling(settings.sample(), model, build, cards, listener.building()));
    try (ArtifactReader program = files.sampling(build);
        Checkpoint checkpoint = Checkpoint.open(folder())) {
      ModelCompiler.addWeights(
          program,
          checkpoint.weights(),
          CheckFiles.calibration(settings.sample(), model),
          listener.building(),
          artifact);
    }
  }

  private SamplingRow time(SamplingBuild build, int steps, Path artifact) {
    DecisionMode mode = build.adaptive() ? recorded(build, steps, artifact) : DecisionMode.ADAPTIVE;
    String what = "%s, %d steps".formatted(build.name(), steps);
    TimedLoop loop = TimedLoop.of(
        artifact,
        model.inputs(steps),
        steps,
        settings.rounds(),
        mode,
        footprint -> listener.say("%s needs %s".formatted(what, footprint.text())),
        listener.sampling(what));
    boolean exact = build.equals(SamplingBuild.LOSSLESS);
    SamplingRow row = loop.row(build, steps, emulated);
    return exact ? row.withDistance(distance(steps, loop.latents())) : row;
  }

  /** What the sample model decides on the same card, for the deeper program; kept beside, as a trace that can be replayed. */
  private DecisionMode recorded(SamplingBuild build, int steps, Path artifact) {
    settings
        .target()
        .ifPresent(cards ->
            files.writeModel(settings.sample(), ModelCheck.DECIDING, cards, listener.building()));
    listener.say("deciding %d steps with the sample model".formatted(steps));
    DecisionTrace made = files.decisions(steps);
    try (ArtifactReader program = ArtifactReader.open(artifact)) {
      DecisionTrace transferred = TransferredDecisions.of(made, Programs.module(program));
      TraceFile.write(
          settings.work().resolve("%s-%d.trace.json".formatted(build.name(), steps)), transferred);
      return DecisionMode.replay(transferred);
    }
  }

  /** To what eager PyTorch made of the same inputs, if it ran. */
  private OptionalDouble distance(int steps, Tensor latents) {
    Path file = latents(TorchSampling.EAGER, steps);
    if (results.finished(TorchSampling.EAGER, steps).isEmpty() || !Files.exists(file)) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        ModelCheck.relativeL2(latents, TensorFile.read(file).get("output")));
  }

  /** Adds a row, of numbers or of what kept them from being there. */
  private void row(String build, int steps, String decisions, Supplier<SamplingRow> timed) {
    listener.say("%s, %d steps".formatted(build, steps));
    SamplingRow row;
    try {
      row = timed.get();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      failed(build, steps, decisions, e);
      return;
    }
    results.add(row);
  }

  private void failed(String build, int steps, String decisions, Throwable why) {
    SamplingRow row = SamplingRow.failed(build, steps, decisions, why);
    listener.say("failed: " + row.failure());
    results.add(row);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw UserError.of("CL0201", "cannot remove %s: %s", file, e.getMessage()).causedBy(e);
    }
  }
}
