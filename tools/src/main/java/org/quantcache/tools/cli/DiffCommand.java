package org.quantcache.tools.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diff.IrDiff;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "What differs between two modules by structure: names of values and weights and places in the model do not count.",
      "Exit status 0 when nothing does, 1 when something does."
    })
final class DiffCommand extends Verb {
  @Parameters(
      index = "0",
      paramLabel = "A",
      description = "IR text (.qir), its JSON form (.json) or an artifact (.qca).")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "The same.")
  private Path b;

  @Option(
      names = "--stat",
      description = "Print only how many operations of each kind are more or fewer in B.")
  private boolean statistics;

  private boolean differs;

  @Override
  void execute() throws IOException {
    IrModule before = IrFiles.read(a);
    IrModule after = IrFiles.read(b);
    IrDiff diff = IrDiff.between(before, after);
    differs = !diff.isEmpty();
    if (statistics) {
      print(diff.countDelta(), diff);
    } else {
      boolean colors = CommandLine.Help.Ansi.AUTO.enabled();
      diff.lines().forEach(line -> out().println(colors ? colored(line) : line));
    }
    out().flush();
  }

  private void print(Map<String, Integer> delta, IrDiff diff) {
    delta.forEach((name, count) -> out().printf(Locale.ROOT, "%+6d %s%n", count, name));
    if (differs) {
      out()
          .printf(
              Locale.ROOT,
              "%d lines of A and %d of B differ%n",
              count(diff, '-'),
              count(diff, '+'));
    }
  }

  private static long count(IrDiff diff, char side) {
    return diff.lines().stream().filter(line -> line.charAt(0) == side).count();
  }

  private static String colored(String line) {
    String code = switch (line.charAt(0)) {
      case '-' -> "31";
      case '+' -> "32";
      case '@' -> "36";
      default -> "";
    };
    return code.isEmpty() ? line : "\u001b[" + code + "m" + line + "\u001b[0m";
  }

  @Override
  int status() {
    return differs ? 1 : 0;
  }
}
