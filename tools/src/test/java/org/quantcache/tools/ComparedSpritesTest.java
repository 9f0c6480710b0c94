package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.layers.ComparedLayers;
import org.quantcache.tools.layers.LayerComparison;
import org.quantcache.tools.layers.LayerInputs;
import org.quantcache.tools.layers.LayerRow;
import org.quantcache.tools.layers.LayerSource;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** The sample model, lossless and by preset fast: what is found to be worst is so when it is computed by hand. */
@Tag("slow")
class ComparedSpritesTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final String PROMPT = "a red square moving right slow";

  @TempDir
  private Path folder;

  private Path compile(String preset) {
    Path out = folder.resolve(preset + ".qca");
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      SampleModel sample = SampleModel.of(MODEL);
      ModelCompiler.compile(
          SampleModule.lift(checkpoint, sample),
          checkpoint.weights(),
          sample,
          new ModelCompiler.Request(
              CompileTarget.CPU,
              "host",
              AllPasses.preset(preset),
              Calibrations.find(null, MODEL),
              List.of(),
              BuildProgress.NONE),
          out);
    }
    return out;
  }

  private static LayerSource open(Path artifact) {
    return LayerSource.open(
        artifact,
        "sample",
        checkpoint -> {
          throw new IllegalStateException("an artifact is not lifted");
        },
        ModelCompiler.Request.of(CompileTarget.CPU, ""),
        2);
  }

  @Test
  void theWorstValueIsAsFarAwayAsTheInterpreterSaysAndFewValuesWait() {
    Path lossless = compile("none");
    Path fast = compile("fast");
    LayerInputs inputs = new LayerInputs(Map.of(), List.of(PROMPT), 7, 1);
    LayerComparison found;
    Map<String, Tensor> tensors;
    try (LayerSource a = open(lossless);
        LayerSource b = open(fast)) {
      tensors = inputs.tensors(a, "sample");
      found = new ComparedLayers(tensors, 1, DecisionMode.ALWAYS, StepObserver.NONE)
          .builds("lossless", a, "fast", b);
    }
    assertThat(found.rows()).hasSizeGreaterThan(150);
    assertThat(found.peakBytes()).isLessThan(found.comparedBytes() / 20);
    assertThat(found.notFinite()).isEmpty();
    LayerRow worst = found.rows().get(found.worst().orElseThrow());
    assertThat(worst.opB())
        .as(worst.toString())
        .isIn("quant.linear", "fused.attention", "fused.cross_attention", "fused.norm_modulate");

    int occurrence = occurrence(found, worst);
    double byHand = relativeL2(
        shown(lossless, worst.at(), worst.opA(), occurrence, tensors),
        shown(fast, worst.at(), worst.opB(), occurrence, tensors));
    assertThat(byHand).isCloseTo(worst.relativeL2(), within(0.02 * worst.relativeL2()));
  }

  /** Which of the rows of its place and operations it is. */
  private static int occurrence(LayerComparison found, LayerRow worst) {
    return found.rows().stream()
        .filter(row -> row.at().equals(worst.at())
            && row.opA().equals(worst.opA())
            && row.opB().equals(worst.opB()))
        .toList()
        .indexOf(worst);
  }

  /** The value of an operation, which the program itself is made to show, interpreted. */
  private static Tensor shown(
      Path path, String at, String op, int occurrence, Map<String, Tensor> inputs) {
    try (ArtifactReader artifact = ArtifactReader.open(path)) {
      IrModule module = Programs.module(artifact);
      List<Operation> operations = new ArrayList<>();
      List<Operation> loops = new ArrayList<>();
      module.walk(operation -> {
        List<String> places = operation.location().paths();
        boolean isThere = !places.isEmpty() && places.get(places.size() - 1).equals(at);
        if (isThere && operation.is(op)) {
          operations.add(operation);
        }
        if (operation.is(StructureOps.LOOP)) {
          loops.add(operation);
        }
      });
      Operation shown = operations.get(occurrence);
      new Rewriter(module, StandardOps.registry(), new Rewriter.Listener() {})
          .after(shown)
          .create(StructureOps.OBSERVE)
          .operands(loops.get(0).regions().get(0).argument(0), shown.results().get(0))
          .attribute("name", Attribute.string("by hand"))
          .at(shown.location())
          .build();
      StepSeries series = new StepSeries("by hand");
      try (Checkpoint checkpoint = Checkpoint.open(MODEL);
          ReferenceProgram program = new ReferenceProgram(
              module,
              "sample",
              BalancedWeights.of(checkpoint.weights(), Calibrations.find(null, MODEL)))) {
        program.run(inputs, 1, series, DecisionMode.ALWAYS);
      }
      return series.stacked();
    }
  }

  private static double relativeL2(Tensor expected, Tensor found) {
    double[] a = expected.doubles();
    double[] b = found.doubles();
    assertThat(b).hasSameSizeAs(a);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += a[i] * a[i];
    }
    return Math.sqrt(difference / norm);
  }
}
