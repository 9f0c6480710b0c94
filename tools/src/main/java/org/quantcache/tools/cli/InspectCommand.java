package org.quantcache.tools.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.cost.FunctionCost;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "What is in an artifact or in IR text: functions, work before and after the passes, bytes.")
final class InspectCommand extends Verb {
  private static final byte[] ZIP = {'P', 'K'};
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Parameters(paramLabel = "FILE", description = "An artifact (.qca) or IR text (.qir, .json).")
  private Path file;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  void execute() throws IOException {
    if (isArtifact()) {
      try (ArtifactReader artifact = ArtifactReader.open(file)) {
        show(artifact);
      }
      return;
    }
    IrModule module = OptCommand.read(file);
    CostReport cost = CostReport.of(module, module::bound);
    if (json) {
      printJson(cost);
      return;
    }
    out()
        .println("module @" + module.name() + ", symbolic sizes at their bounds "
            + module.dimensionBounds());
    for (FunctionCost function : cost.functions()) {
      table(JSON.valueToTree(function), null);
    }
  }

  private boolean isArtifact() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw UserError.of("CL0107", "no file %s", file);
    }
    try (java.io.InputStream in = Files.newInputStream(file)) {
      return file.toString().endsWith(".qca") || java.util.Arrays.equals(in.readNBytes(2), ZIP);
    }
  }

  private void show(ArtifactReader artifact) throws JsonProcessingException {
    Manifest manifest = artifact.manifest();
    JsonNode report =
        JSON.readTree(new String(artifact.bytes(ArtifactLayout.REPORT), StandardCharsets.UTF_8));
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("manifest", manifest);
      all.put("report", report);
      printJson(all);
      return;
    }
    out()
        .printf(
            "%s: model %s for target %s %s%n",
            file, manifest.model(), manifest.target(), manifest.cpu());
    out().println("pipeline: " + manifest.pipeline());
    for (Manifest.FunctionInfo function : manifest.functions()) {
      out()
          .printf(
              Locale.ROOT,
              "%n@%s, working memory %.2f MB%n",
              function.name(),
              function.arenaBytes() / 1e6);
      function
          .parameters()
          .forEach(p -> out().println("  takes " + p.name() + " " + p.element() + p.sizes()));
      function
          .results()
          .forEach(r -> out().println("  gives " + r.name() + " " + r.element() + r.sizes()));
      table(cost(report, "imported", function.name()), cost(report, "compiled", function.name()));
    }
    out().printf("%n%-28s %14s%n", "entry", "bytes");
    manifest.entries().forEach(e -> out().printf("%-28s %14d%n", e.path(), e.bytes()));
  }

  private static JsonNode cost(JsonNode report, String when, String function) {
    for (JsonNode one : report.path(when).path("functions")) {
      if (one.path("name").asText().equals(function)) {
        return one;
      }
    }
    return null;
  }

  /** Work by operation, and before and after when there are two. */
  private void table(JsonNode before, JsonNode after) {
    if (before == null) {
      return;
    }
    boolean two = after != null;
    out()
        .printf(
            "%n  @%s: work %s%n",
            before.path("name").asText(), two ? "as imported -> as compiled" : "");
    for (String part : List.of("once", "perStep")) {
      out()
          .printf(
              "    %-8s %s%n",
              part.equals("once") ? "once" : "per step",
              two
                  ? line(before.path(part)) + "  ->  " + line(after.path(part))
                  : line(before.path(part)));
    }
    out()
        .printf(
            "%n    %-24s %10s %10s%s%n",
            "operation", "once", "per step", two ? "   as compiled" : "");
    Map<String, List<Long>> counts = new LinkedHashMap<>();
    collect(before, counts, 0);
    if (two) {
      collect(after, counts, 2);
    }
    counts.forEach((name, n) -> out()
        .printf(
            "    %-24s %10d %10d%s%n",
            name, n.get(0), n.get(1), two ? "   " + n.get(2) + " / " + n.get(3) : ""));
  }

  private static void collect(JsonNode cost, Map<String, List<Long>> counts, int at) {
    for (JsonNode operation : cost.path("operations")) {
      List<Long> row = counts.computeIfAbsent(
          operation.path("name").asText(), n -> new ArrayList<>(List.of(0L, 0L, 0L, 0L)));
      row.set(at, operation.path("onceCount").asLong());
      row.set(at + 1, operation.path("stepCount").asLong());
    }
  }

  private static String line(JsonNode cost) {
    long bytes = cost.path("bytesRead").asLong() + cost.path("bytesWritten").asLong();
    return String.format(
        Locale.ROOT, "%9.3f GFLOP %9.2f MB", cost.path("flops").asLong() / 1e9, bytes / 1e6);
  }
}
