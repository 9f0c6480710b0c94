package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.execution.DifferentialExecution;
import org.quantcache.passes.instruments.BisectLimit;
import org.quantcache.passes.instruments.DiffExec;
import org.quantcache.passes.instruments.RewriteLimit;
import org.quantcache.passes.instruments.VerifyEach;
import picocli.CommandLine.Option;

/** What every pass is held to, and how far passes may go: to find the one that is wrong. */
final class CheckOptions {
  @Option(
      names = "--verify-each",
      arity = "0..1",
      paramLabel = "BOOL",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Check the module after every pass (default ${DEFAULT-VALUE}).")
  private boolean verifyEach;

  @Option(
      names = "--diff-exec",
      description = {
        "Run the module on the reference device before and after every pass, on seeded inputs and weights,",
        "and stop at a pass that changed what it computes."
      })
  private boolean execute;

  @Option(
      names = "--seed",
      defaultValue = "7",
      description =
          "Seed of those inputs, and of the weights that stand in for a checkpoint (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--bisect-limit",
      paramLabel = "N",
      description = "Skip all passes behind the N-th that are not required.")
  private Integer bisectLimit;

  @Option(
      names = "--rewrite-limit",
      paramLabel = "PASS:N",
      description =
          "Refuse the rewrites of a pass, named or by its number, behind the N-th. May be given several times.")
  private List<String> limitTexts = new ArrayList<>();

  private List<RewriteLimit> rewriteLimits = List.of();

  /** Those that refuse a module; they stand in front of all others, which then have seen it. */
  List<PassInstrument> checks(PrintWriter err) {
    List<PassInstrument> out = new ArrayList<>();
    if (execute) {
      out.add(new DiffExec(DifferentialExecution.Settings.seeded(seed), line -> {
        err.println("diff-exec: " + line);
        err.flush();
      }));
    }
    if (verifyEach) {
      out.add(new VerifyEach());
    }
    return out;
  }

  /** Those that refuse passes or rewrites. @throws org.quantcache.ir.diagnostics.UserError CL0720, CL0721 */
  List<PassInstrument> limits(PrintWriter err) {
    rewriteLimits = limitTexts.stream().map(RewriteLimits::parse).toList();
    List<PassInstrument> out = new ArrayList<>(rewriteLimits);
    if (bisectLimit != null) {
      out.add(new BisectLimit(bisectLimit, err));
    }
    return out;
  }

  /** Limits of rewrites, once {@link #limits} has read them. */
  List<RewriteLimit> rewriteLimits() {
    return rewriteLimits;
  }

  /** What makes the same checks again. */
  List<String> flags() {
    List<String> out = new ArrayList<>(List.of("--seed=" + seed));
    if (execute) {
      out.add("--diff-exec");
    }
    if (!verifyEach) {
      out.add("--verify-each=false");
    }
    return out;
  }

  /** Says which limits had nothing to limit. */
  void report(PrintWriter err) {
    for (RewriteLimit limit : rewriteLimits) {
      if (!limit.isFound()) {
        err.println(
            "note: --rewrite-limit=" + limit.text() + " limits nothing: no such pass has run");
      }
    }
  }
}
