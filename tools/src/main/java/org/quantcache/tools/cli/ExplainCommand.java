package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.List;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.tools.explain.ExplainJson;
import org.quantcache.tools.explain.Explanation;
import org.quantcache.tools.explain.Subject;
import org.quantcache.tools.explain.SummaryText;
import org.quantcache.tools.explain.TraceExplainer;
import org.quantcache.tools.explain.TraceSummary;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Why a run computed, reused or left out what it did, and what would have changed that.",
      "Without options: hit rates, and how near each threshold is to what was measured."
    })
final class ExplainCommand extends Verb {
  @Parameters(
      paramLabel = "TRACE",
      description = "Decisions of a run, from 'qcc run --trace FILE'.")
  private Path file;

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "The step to explain, from 0; without it, a table of all steps.")
  private Integer step;

  @ArgGroup
  private About about = new About();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** One of both. */
  static final class About {
    @Option(
        names = "--guard",
        paramLabel = "NAME",
        description = "A guard, such as stack; all of them when neither is given.")
    private String guard;

    @Option(
        names = "--layer",
        paramLabel = "NAME",
        description = "A layer that may be left out, such as temporal.13, or a branch of it.")
    private String layer;
  }

  @Override
  void execute() {
    DecisionTrace trace = TraceFile.read(file);
    List<Subject> subjects = subjects(trace);
    if (step == null && about.guard == null && about.layer == null) {
      summary(TraceSummary.of(trace));
      return;
    }
    TraceExplainer explainer = new TraceExplainer(trace);
    if (json) {
      List<Explanation> all = subjects.stream()
          .flatMap(subject -> step == null
              ? explainer.all(subject).stream()
              : List.of(explainer.at(subject, step)).stream())
          .toList();
      printJson(ExplainJson.of(all));
      return;
    }
    for (int i = 0; i < subjects.size(); i++) {
      if (i > 0) {
        out().println();
      }
      print(explainer, subjects.get(i));
    }
  }

  private void summary(TraceSummary summary) {
    if (json) {
      printJson(ExplainJson.of(summary));
    } else {
      new SummaryText(summary).print(out());
    }
  }

  private void print(TraceExplainer explainer, Subject subject) {
    if (step != null) {
      explainer.at(subject, step).print(out());
      return;
    }
    out().println((subject.isGuard() ? "guard '" : "layer '") + subject.name() + "'");
    explainer.table(subject).print(out());
  }

  private List<Subject> subjects(DecisionTrace trace) {
    if (about.layer != null) {
      return Subject.layer(trace, about.layer);
    }
    return about.guard == null ? Subject.guards(trace) : List.of(Subject.guard(trace, about.guard));
  }
}
