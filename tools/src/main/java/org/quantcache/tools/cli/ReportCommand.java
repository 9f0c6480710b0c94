package org.quantcache.tools.cli;

import java.nio.file.Path;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.tools.report.ComparisonReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Draw what a run decided at every step.")
final class ReportCommand extends Verb {
  @Parameters(
      paramLabel = "TRACE",
      description = "Decisions of a run, from 'qcc run --trace FILE'.")
  private Path file;

  @Option(
      names = "-o",
      defaultValue = "report.html",
      paramLabel = "FILE",
      description = "Where to write (default ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  void execute() {
    requireWritable(output);
    DecisionTrace trace = TraceFile.read(file);
    ComparisonReport.write(output, file.getFileName().toString(), trace);
    say("wrote %s", output);
  }
}
