package org.quantcache.passes.pipelines;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.quantcache.ir.core.Stage;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;

/** The passes and their options as text, made from what the passes say of themselves. */
public final class PassHelp {
  private PassHelp() {}

  /** A block of lines for each pass, for a terminal. */
  public static String text() {
    StringBuilder out = new StringBuilder();
    for (PassFactory factory : AllPasses.byName().values()) {
      PassInfo info = factory.info();
      out.append(String.format(
          Locale.ROOT, "%-12s %s (%s)%n", info.name(), info.summary(), numerics(info)));
      for (OptionSpec option : info.options()) {
        out.append(String.format(
            Locale.ROOT,
            "    %s=%s  %s; %s%n",
            option.name(),
            option.otherwise(),
            option.summary(),
            option.expected()));
      }
    }
    return out.toString();
  }

  /** A table of the passes and one of their options, in Markdown. */
  public static String markdown() {
    StringBuilder out = new StringBuilder(
        "| pass | does | numerics | after | not after | gives |\n|---|---|---|---|---|---|\n");
    for (PassFactory factory : AllPasses.byName().values()) {
      PassInfo info = factory.info();
      out.append(row(
          "`" + info.name() + "`",
          info.summary(),
          numerics(info),
          stages(info.needs()),
          stages(info.forbids()),
          stages(info.gives())));
    }
    out.append("\n| option | default | legal | does |\n|---|---|---|---|\n");
    for (PassFactory factory : AllPasses.byName().values()) {
      PassInfo info = factory.info();
      for (OptionSpec option : info.options()) {
        out.append(row(
            "`" + info.name() + "{" + option.name() + "}`",
            "`" + option.otherwise() + "`",
            option.expected(),
            option.summary()));
      }
    }
    return out.toString();
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String stages(List<Stage> stages) {
    return stages.isEmpty()
        ? "-"
        : stages.stream().map(Stage::text).collect(Collectors.joining(", "));
  }

  private static String numerics(PassInfo info) {
    return info.numerics().name().toLowerCase(Locale.ROOT);
  }
}
