package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.instruments.DumpDirectory;
import org.quantcache.passes.instruments.PrintIr;
import org.quantcache.passes.instruments.Statistics;
import org.quantcache.passes.instruments.Timing;
import org.quantcache.passes.instruments.VerifyEach;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which passes run and what is shown of them. */
final class PassOptions {
  @Mixin
  private PipelineOptions pipeline;

  @Option(names = "--verify-each", description = "Check the module after every pass.")
  private boolean verifyEach;

  @Option(
      names = "--print-before",
      split = ",",
      description = "Print the module before these passes.")
  private List<String> printBefore = new ArrayList<>();

  @Option(
      names = "--print-after",
      split = ",",
      description = "Print the module after these passes.")
  private List<String> printAfter = new ArrayList<>();

  @Option(
      names = "--print-after-change",
      description = "Print the module after every pass that changed it.")
  private boolean printAfterChange;

  @Option(
      names = "--dump-dir",
      description = "Write the module, the difference and the remarks of every pass here.")
  private Path dumpDirectory;

  @Option(names = "--timing", description = "Print the time of every pass.")
  private boolean timing;

  @Option(names = "--stats", description = "Print what every pass changed.")
  private boolean statistics;

  private final Timing timer = new Timing(System::nanoTime);
  private final Statistics counts = new Statistics();

  /** Pipeline text. */
  String pipeline() {
    return pipeline.text();
  }

  /** The calibration of a model, if there is one. */
  Optional<Calibration> calibration(Path model) {
    return pipeline.calibration(model);
  }

  List<PassInstrument> instruments(PrintWriter err) {
    List<PassInstrument> out = new ArrayList<>();
    if (verifyEach) {
      out.add(new VerifyEach());
    }
    Set<String> before = new TreeSet<>(printBefore);
    Set<String> after = new TreeSet<>(printAfter);
    if (!before.isEmpty() || !after.isEmpty() || printAfterChange) {
      out.add(new PrintIr(new PrintIr.When(before, after, printAfterChange), err));
    }
    if (dumpDirectory != null) {
      out.add(DumpDirectory.open(dumpDirectory, StandardOps.registry()));
    }
    if (timing) {
      out.add(timer);
    }
    if (statistics) {
      out.add(counts);
    }
    return out;
  }

  /** Prints what was measured. */
  void report(PrintWriter err) {
    if (timing) {
      err.print(timer.list());
    }
    if (statistics) {
      err.print(counts.text());
    }
    err.flush();
  }
}
