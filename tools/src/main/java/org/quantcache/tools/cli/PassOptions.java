package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.instruments.DumpDirectory;
import org.quantcache.passes.instruments.PrintIr;
import org.quantcache.passes.instruments.ProfilePlan;
import org.quantcache.passes.instruments.Reproducer;
import org.quantcache.passes.instruments.Statistics;
import org.quantcache.passes.instruments.Timing;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which passes run and what is shown of them. */
final class PassOptions {
  /** How times are printed. */
  enum Times {
    LIST,
    TREE,
    JSON
  }

  @Mixin
  private PipelineOptions pipeline;

  @Mixin
  private CheckOptions checks;

  @Option(
      names = "--print-before",
      split = ",",
      paramLabel = "PASS",
      description = "Print the module before these passes.")
  private List<String> printBefore = new ArrayList<>();

  @Option(
      names = "--print-after",
      split = ",",
      paramLabel = "PASS",
      description = "Print the module after these passes.")
  private List<String> printAfter = new ArrayList<>();

  @Option(
      names = "--print-after-change",
      description = "Print the module after every pass that changed it.")
  private boolean printAfterChange;

  @Option(
      names = "--print-only",
      split = ",",
      paramLabel = "@FUNC",
      description = "Print these functions alone, not the whole module.")
  private List<String> printOnly = new ArrayList<>();

  @Option(
      names = "--dump-dir",
      paramLabel = "DIR",
      description =
          "Write the module, the difference and the remarks of every pass here, and what is generated in the end.")
  private Path dumpDirectory;

  @Option(
      names = "--reproducer",
      paramLabel = "FILE",
      description =
          "Where to write a module and a command that fail again when a pass fails (default: reproduce.qir in the"
              + " dump folder, if there is one).")
  private Path reproducer;

  @Option(
      names = "--timing",
      arity = "0..1",
      fallbackValue = "list",
      preprocessor = OptionalWord.class,
      paramLabel = "FORM",
      description =
          "Print the time of every pass: ${COMPLETION-CANDIDATES} (default list). json goes to standard output where IR"
              + " text does not go there.")
  private Times timing;

  @Option(
      names = "--stats",
      description =
          "Print what every pass changed: rewrites, operations, work, bytes of weights and of values.")
  private boolean statistics;

  @Option(
      names = "--profile-plan",
      description =
          "Print planned work, bytes and launches of each block before and after the passes.")
  private boolean profilePlan;

  private final Timing timer = new Timing(System::nanoTime);
  private final Statistics counts = new Statistics();
  private final ProfilePlan plan = new ProfilePlan();
  private Optional<Reproducer> reproduced = Optional.empty();
  private Optional<DumpDirectory> dump = Optional.empty();

  /** Pipeline text. */
  String pipeline() {
    return pipeline.text();
  }

  /** The calibration of a model, if there is one. */
  Optional<Calibration> calibration(Path model) {
    return pipeline.calibration(model);
  }

  /** @throws org.quantcache.ir.diagnostics.UserError CL0720, PA0401, PA0402, RT0301 for options that cannot be met */
  List<PassInstrument> instruments(PrintWriter err) {
    List<PassInstrument> out = new ArrayList<>(checks.checks(err));
    out.addAll(checks.limits(err));
    printer(err).ifPresent(out::add);
    if (dumpDirectory != null) {
      dump = Optional.of(DumpDirectory.open(dumpDirectory, StandardOps.registry()));
      dump.ifPresent(out::add);
    }
    reproduced = reproducer();
    reproduced.ifPresent(out::add);
    if (statistics) {
      out.add(counts);
    }
    if (profilePlan) {
      out.add(plan);
    }
    if (timing != null) {
      // The innermost one: it takes the time of passes alone.
      out.add(timer);
    }
    return out;
  }

  /** Puts what was generated, as text, beside the programs that were dumped. */
  void dumpGenerated(Path compiled) {
    dump.ifPresent(folder -> {
      try (ArtifactReader artifact = ArtifactReader.open(compiled)) {
        artifact.manifest().entries().stream()
            .map(Manifest.EntryInfo::path)
            .filter(path -> path.matches(".*\\.(java|cu|txt)"))
            .forEach(path -> folder.addGenerated(
                path.substring(path.lastIndexOf('/') + 1),
                new String(artifact.bytes(path), StandardCharsets.UTF_8)));
      }
    });
  }

  private Optional<PassInstrument> printer(PrintWriter err) {
    printBefore.forEach(name -> PassNames.require("--print-before", name));
    printAfter.forEach(name -> PassNames.require("--print-after", name));
    Set<String> only = new TreeSet<>();
    printOnly.forEach(name -> only.add(name.startsWith("@") ? name.substring(1) : name));
    boolean asked = !printBefore.isEmpty() || !printAfter.isEmpty() || printAfterChange;
    return asked
        ? Optional.of(new PrintIr(
            new PrintIr.When(
                new TreeSet<>(printBefore), new TreeSet<>(printAfter), printAfterChange, only),
            err))
        : Optional.empty();
  }

  private Optional<Reproducer> reproducer() {
    if (reproducer == null && dumpDirectory == null) {
      return Optional.empty();
    }
    Path file = reproducer != null ? reproducer : DumpDirectory.reproducer(dumpDirectory);
    Verb.requireWritable(file);
    List<String> flags = new ArrayList<>(checks.flags());
    pipeline.calibrationName().ifPresent(name -> flags.add("--calibration=" + name));
    return Optional.of(new Reproducer(file, flags, checks.rewriteLimits()));
  }

  /**
   * Prints what was measured, also of passes in front of one that failed.
   *
   * @param json where JSON goes, apart from everything else
   */
  void report(PrintWriter err, PrintWriter json) {
    if (timing != null) {
      switch (timing) {
        case LIST -> err.print(timer.list());
        case TREE -> err.print(timer.tree());
        case JSON -> json.println(timer.json());
      }
      json.flush();
    }
    if (statistics) {
      err.print(counts.text());
    }
    if (profilePlan) {
      err.print(plan.text());
    }
    checks.report(err);
    reproduced
        .flatMap(Reproducer::written)
        .ifPresent(file -> err.println("wrote " + file + ", which fails again"));
    err.flush();
  }
}
