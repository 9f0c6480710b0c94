package org.quantcache.tools.cli;

import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.tools.doctor.Doctor;
import org.quantcache.tools.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code qcc doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "What this machine can run, and what to do about the rest.",
      "Exit status 1 only when the cpu device cannot run."
    })
final class DoctorCommand extends Verb {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  void execute() {
    List<Finding> findings = Doctor.findings();
    if (json) {
      printJson(findings);
    } else {
      findings.forEach(this::print);
    }
    out().flush();
    List<Finding> stopping = findings.stream().filter(Finding::stopsCpu).toList();
    if (!stopping.isEmpty()) {
      throw UserError.of(
              "CL0768",
              "the cpu device cannot run: %s",
              stopping.stream().map(Finding::subject).collect(Collectors.joining(", ")))
          .withHint("%s; until then, use --target reference", stopping.get(0).fix());
    }
  }

  private void print(Finding finding) {
    String mark = finding.ok() ? "ok" : finding.required() ? "NO" : "-";
    out().printf("%-3s %-24s %s%n", mark, finding.subject(), finding.found());
    if (!finding.ok()) {
      out().printf("    %-24s for: %s%n", "", finding.use());
    }
    if (!finding.fix().isEmpty()) {
      out().printf("    %-24s fix: %s%n", "", finding.fix());
    }
  }
}
