package org.quantcache.tools.cli;

import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.tools.explain.SummaryText;
import org.quantcache.tools.explain.TraceSummary;
import picocli.CommandLine.Option;

/** How guards decide, and where it is written what they decided. */
final class DecisionOptions {
  private static final String REPLAY = "replay=";

  @Option(
      names = "--decisions",
      defaultValue = "adaptive",
      paramLabel = "MODE",
      description =
          "How guards decide: adaptive (default), always (compute every step) or replay=FILE, a trace.")
  private String decisions;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Write what every guard decided at every step, and why (JSON).")
  private Path file;

  private DecisionTrace trace;

  /** @throws UserError CL0110 for an unknown mode, RT0111 for a file that is no trace */
  DecisionMode mode() {
    if (file != null) {
      Verb.requireWritable(file);
    }
    return mode(decisions);
  }

  /** A mode as {@code --decisions} spells it. @throws UserError CL0110 for an unknown mode, RT0111 for a file that is no trace */
  static DecisionMode mode(String decisions) {
    if (decisions.startsWith(REPLAY)) {
      return DecisionMode.replay(TraceFile.read(Path.of(decisions.substring(REPLAY.length()))));
    }
    return switch (decisions) {
      case "adaptive" -> DecisionMode.ADAPTIVE;
      case "always" -> DecisionMode.ALWAYS;
      default ->
        throw UserError.of("CL0110", "--decisions is '%s'", decisions)
            .withHint("expected adaptive, always or replay=FILE");
    };
  }

  /** Remembers the trace of the run. */
  StepObserver observer() {
    return new StepObserver() {
      @Override
      public void decided(DecisionTrace made) {
        trace = made;
      }
    };
  }

  /** Writes the trace where that was asked for, and says how much was reused. */
  void report(Verb verb) {
    if (trace != null) {
      new SummaryText(TraceSummary.of(trace)).print(verb.err());
    }
    if (file == null) {
      return;
    }
    if (trace == null) {
      throw UserError.of("CL0111", "the program decides nothing, so there is nothing to trace")
          .withHint("compile with a preset or a pipeline that holds hlc or srap");
    }
    TraceFile.write(file, trace);
    verb.say("wrote %s", file);
  }
}
