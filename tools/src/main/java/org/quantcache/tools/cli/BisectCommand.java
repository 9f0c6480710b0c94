package org.quantcache.tools.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.passes.bisect.Bisection;
import org.quantcache.passes.bisect.Culprit;
import org.quantcache.passes.bisect.Judge;
import org.quantcache.passes.bisect.Probe;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.sample.SampleModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc bisect}. */
@Command(
    name = "bisect",
    mixinStandardHelpOptions = true,
    description = {
      "Find the pass, and in it the rewrite, with which a check begins to fail.",
      "Without another check, each pass is held to its numerics class on seeded inputs."
    })
final class BisectCommand extends Verb {
  @Parameters(
      paramLabel = "FILE",
      description =
          "IR text (.qir), its JSON form (.json), or a model folder, whose weights count.")
  private Path input;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Mixin
  private PipelineOptions passes;

  @Mixin
  private JudgeOptions judges;

  @Mixin
  private SizeOptions sizes;

  private final List<Probe> probes = new ArrayList<>();

  @Override
  void execute() {
    boolean isModel = Files.isDirectory(input);
    Optional<Calibration> calibration =
        passes.calibration(isModel ? input : input.toAbsolutePath().getParent());
    Pipeline pipeline = AllPasses.parse(passes.text(), calibration);
    if (!isModel) {
      IrModule module = OptCommand.read(input);
      search(module, pipeline, judges.judge(module));
      return;
    }
    try (Checkpoint checkpoint = Checkpoint.open(input)) {
      checkpoint.notes().forEach(note -> say("note: %s", note));
      IrModule module = ImportCommand.sample(checkpoint, sizes, SampleModel.of(input));
      WeightStore weights = BalancedWeights.of(checkpoint.weights(), calibration);
      search(module, pipeline, judges.judge(module, weights));
    }
  }

  private void search(IrModule module, Pipeline pipeline, Judge judge) {
    String text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    Culprit culprit = new Bisection(
            StandardOps.registry(),
            () -> IrParser.parse(text, input.toString(), StandardOps.registry()),
            pipeline,
            judge,
            this::told)
        .find();
    if (json) {
      printJson(result(pipeline, culprit));
    } else {
      print(culprit);
    }
  }

  private void told(Probe probe) {
    probes.add(probe);
    say("bisect: %s", probe.text());
    err().flush();
  }

  private void print(Culprit culprit) {
    out().println("pass " + culprit.number() + ", " + culprit.step());
    if (culprit.rewrite().isPresent()) {
      Culprit.Rewrite rewrite = culprit.rewrite().get();
      out().println("rewrite " + rewrite.number() + ", " + rewrite.event() + " at " + rewrite.at());
      rewrite.diff().lines().forEach(line -> out().println("  " + line));
    } else {
      out().println("wrong with none of its rewrites made");
    }
    out().println("problem: " + culprit.problem());
    for (Culprit.Side side : Culprit.Side.values()) {
      out()
          .println((side == Culprit.Side.BAD ? "with it:    " : "without it: ")
              + command(culprit, side));
    }
  }

  private String command(Culprit culprit, Culprit.Side side) {
    String file = Files.isDirectory(input) ? "FILE" : input.toString();
    return "qcc opt " + file + " --passes='" + passes.text() + "' " + culprit.flags(side);
  }

  private Map<String, Object> result(Pipeline pipeline, Culprit culprit) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("pipeline", pipeline.text());
    out.put("number", culprit.number());
    out.put("pass", culprit.pass());
    out.put("step", culprit.step());
    out.put("problem", culprit.problem());
    culprit.rewrite().ifPresent(rewrite -> out.put("rewrite", rewrite));
    out.put("bad", command(culprit, Culprit.Side.BAD));
    out.put("good", command(culprit, Culprit.Side.GOOD));
    List<Map<String, Object>> tried = new ArrayList<>();
    for (Probe probe : probes) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("passes", probe.passes());
      probe.rewrites().ifPresent(rewrites -> one.put("rewrites", rewrites));
      one.put("good", probe.isGood());
      one.put("problem", probe.problem());
      tried.add(one);
    }
    out.put("probes", tried);
    return out;
  }
}
