package org.quantcache.tools.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.tools.gpu.Card;
import org.quantcache.tools.gpu.CheckFiles;
import org.quantcache.tools.gpu.CheckResult;
import org.quantcache.tools.gpu.GpuReport;
import org.quantcache.tools.gpu.ModelCheck;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.sample.Samples;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qcc check-gpu}. */
@Command(
    name = "check-gpu",
    mixinStandardHelpOptions = true,
    description = {
      "Check every family of kernels and the sample model on the card of this machine against the",
      "reference device. Without a card it says so in one line; that is no failure."
    })
final class CheckGpuCommand extends Verb {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What can be checked. */
  enum Part {
    KERNELS,
    MODEL
  }

  @Option(names = "--device", description = "Only say which card there is.")
  private boolean device;

  @Option(
      names = "--prepare",
      paramLabel = "FOLDER",
      description = "Only compile what checks and bench cuda need, for another machine.")
  private Path prepared;

  @Option(
      names = "--target",
      defaultValue = "cuda",
      paramLabel = "CARDS",
      description = "With --prepare: cards to compile for (default: all), as in cuda:sm_80,sm_90a.")
  private String target;

  @Option(
      names = "--only",
      split = ",",
      defaultValue = "kernels,model",
      description = "What to check: ${COMPLETION-CANDIDATES} (default: both).")
  private List<Part> parts;

  @Option(
      names = "--model",
      paramLabel = "MODEL_DIR",
      description = "The model to check (default: the sample model).")
  private Path model;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the results as JSON.")
  private Path json;

  @Option(
      names = "--collect",
      paramLabel = "FOLDER",
      description =
          "Only put the results of checks, bench cuda and bench sampling in FOLDER together.")
  private Path collected;

  @Option(
      names = "--results",
      paramLabel = "FOLDER",
      defaultValue = "tools/bench/results",
      description = "With --collect: where DEVICE-DATE.json and .md go (default ${DEFAULT-VALUE}).")
  private Path results;

  @Option(
      names = "--command",
      paramLabel = "TEXT",
      defaultValue = "qcc check-gpu --collect",
      description = "With --collect: what was called, for the results.")
  private String command;

  @Mixin
  private CardOptions card;

  @Override
  void execute() {
    if (prepared != null) {
      prepare();
      return;
    }
    if (collected != null) {
      requireFolder(results);
      out().println("wrote " + GpuReport.write(collected, results, command));
      return;
    }
    if (json != null) {
      requireWritable(json);
    }
    Optional<String> missing = card.missing();
    if (missing.isPresent()) {
      out().println(missing.get());
      return;
    }
    Card found;
    try (CudaDevice opened = CudaDevice.open()) {
      found = Card.of(opened);
    }
    out().println(found.text());
    if (!device) {
      check(found);
    }
  }

  private void prepare() {
    requireFolder(prepared);
    CompileTarget cards = CompileTarget.parse(target);
    if (cards.device() != CompileTarget.Device.CUDA) {
      throw UserError.of("CL0113", "no target '%s' for a card", target)
          .withHint("expected cuda, or cuda:sm_80,sm_90a for some cards");
    }
    try (CheckFiles files = CheckFiles.in(prepared)) {
      files.writeAll(model(), cards, buildProgress());
    }
    say("wrote %s", prepared);
  }

  private Path model() {
    return model == null ? Samples.sprites() : model;
  }

  private void check(Card found) {
    List<CheckResult> results = new ArrayList<>();
    Consumer<CheckResult> told = result -> {
      results.add(result);
      out()
          .printf("%-4s %-34s %s%n", result.passed() ? "ok" : "NO", result.name(), result.detail());
    };
    try (CheckFiles files = card.files()) {
      if (parts.contains(Part.KERNELS)) {
        card.target().ifPresent(cards -> files.writeKernels(cards, buildProgress()));
        files.checkKernels(told);
      }
      for (ModelCheck.Build build :
          parts.contains(Part.MODEL) ? ModelCheck.BUILDS : List.<ModelCheck.Build>of()) {
        card.target().ifPresent(cards -> files.writeModel(model(), build, cards, buildProgress()));
        files.checkModel(model(), build, told);
      }
    }
    long passed = results.stream().filter(CheckResult::passed).count();
    out().printf("%d of %d checks passed%n", passed, results.size());
    write(found, results);
    if (passed < results.size()) {
      throw UserError.of("CL0612", "%d checks failed", results.size() - passed)
          .withHint("please report the lines above that start with NO");
    }
  }

  private void write(Card found, List<CheckResult> results) {
    if (json == null) {
      return;
    }
    Map<String, Object> all = new LinkedHashMap<>(found.facts());
    all.put("checks", results);
    try {
      AtomicFile.write(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("results are writable as JSON", e);
    }
  }
}
