package org.quantcache.tools.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantcache.codegen.bench.Roofline;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.cost.FunctionCost;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.tools.inspect.Activity;
import org.quantcache.tools.inspect.ActivityTable;
import org.quantcache.tools.inspect.InspectJson;
import org.quantcache.tools.inspect.LayerRow;
import org.quantcache.tools.inspect.LayerRows;
import org.quantcache.tools.inspect.LayerTable;
import org.quantcache.tools.pipeline.ArtifactReport;
import org.quantcache.tools.pipeline.Programs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "What is in an artifact or in IR text: functions, work before and after the passes, bytes.")
final class InspectCommand extends Verb {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Parameters(paramLabel = "FILE", description = "An artifact (.qca) or IR text (.qir, .json).")
  private Path file;

  @Option(
      names = "--layers",
      description =
          "An artifact: list every layer; without it, equal layers of blocks are one row.")
  private boolean everyLayer;

  @Option(
      names = "--roofline",
      description = {
        "An artifact: measure what this machine reaches, which takes some seconds, and say what layers are expected",
        "to take, and whether work or memory bounds them."
      })
  private boolean measured;

  @Mixin
  private ThreadsOption threads;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  void execute() throws IOException {
    if (IrFiles.isArtifact(file)) {
      try (ArtifactReader artifact = ArtifactReader.open(file)) {
        show(artifact);
      }
      return;
    }
    if (measured || everyLayer) {
      throw UserError.of("CL0767", "%s is no artifact, so there are no kernels to list", file)
          .withHint("compile it first: qcc compile MODEL_DIR -o X.qca");
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
      WorkTable.of(JSON.valueToTree(function)).print(out());
    }
  }

  private void show(ArtifactReader artifact) throws JsonProcessingException {
    Manifest manifest = artifact.manifest();
    JsonNode report = ArtifactReport.of(artifact);
    JsonNode policy =
        JSON.readTree(new String(artifact.bytes(ArtifactLayout.POLICY), StandardCharsets.UTF_8));
    IrModule module = Programs.module(artifact);
    List<LayerRow> layers = LayerRows.of(module, report);
    List<Activity> active = Activity.of(module, report);
    Optional<Roofline> roofline = roofline();
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("manifest", manifest);
      all.put("policy", policy);
      all.put("report", report);
      all.put("active", InspectJson.activity(active));
      roofline.ifPresent(peaks -> all.put("roofline", InspectJson.roofline(peaks)));
      all.put("layers", InspectJson.layers(layers, roofline));
      printJson(all);
      return;
    }
    out()
        .printf(
            "%s: model %s for target %s %s%n",
            file, manifest.model(), manifest.target(), manifest.cpu());
    out().println("pipeline: " + manifest.pipeline());
    new PolicyTable(policy).print(out());
    new ActivityTable(active, report.has("launches")).print(out());
    new LayerTable(everyLayer ? layers : LayerRows.byKind(layers), roofline).print(out());
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
      WorkTable.of(report, function.name()).print(out());
    }
    out().printf("%n%-28s %14s%n", "entry", "bytes");
    manifest.entries().forEach(e -> out().printf("%-28s %14d%n", e.path(), e.bytes()));
  }

  private Optional<Roofline> roofline() {
    if (!measured) {
      return Optional.empty();
    }
    say("measuring what this machine reaches");
    TvmNatives.load(NativeMode.COMPILER);
    return Optional.of(Roofline.measure(CpuTarget.host(), threads.count()));
  }
}
