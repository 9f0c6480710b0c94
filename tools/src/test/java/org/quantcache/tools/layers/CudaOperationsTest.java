package org.quantcache.tools.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * Every operation of the sample model on the emulation of a card against the reference device, each from the operands that
 * the card had: nothing adds up, so one wrong operation shows, and no other is blamed for it.
 */
@Tag("slow")
class CudaOperationsTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final SampleModel SAMPLE = SampleModel.of(MODEL);
  private static final Calibration.Case SHOWN =
      new Calibration.Case("a red circle moving right", 7);
  /** Measured: 2.5e-4, 3.1e-3 and 4.6e-5. */
  private static final OperationCheck.Limits LIMITS = new OperationCheck.Limits(5e-4, 4e-3, 1e-4);

  private static final String SPOILED = "spatial_blocks.3.mlp.fc1";

  /** What computes nothing that could be compared, and why. */
  private static final Map<String, String> WITHOUT_NUMBERS = Map.of(
      StructureOps.WEIGHT_GET, "is what the artifact holds",
      TensorOps.RESHAPE, "of a weight is that weight",
      StructureOps.OBSERVE, "shows a value to somebody",
      PruneOps.MEASURED, "hands on what the product before it summed up",
      CacheOps.MEASURED, "hands on what the product before it summed up",
      StructureOps.YIELD, "hands values on",
      StructureOps.RETURN, "hands values on");

  @TempDir
  private Path folder;

  /** What was compared in a run, and the program. */
  private record Checked(OperationCheck check, List<Operation> program) {}

  /** All is computed; then without the branches that may be left out; then the stack is reused. */
  @Test
  void eachOperationOfFastIsRightByItself() {
    requireAll(check("fast", 3, CudaOperationsTest::reusing, weights -> weights));
  }

  /** Decides by what it measures: four steps are computed, one is reused. */
  @Test
  void eachOperationOfPaperIsRightByItself() {
    requireAll(check("paper", 5, program -> DecisionMode.ADAPTIVE, weights -> weights));
  }

  /** One row of one weight has another sign on the card. */
  @Test
  void oneWrongRowShowsWhereItIs() {
    Checked checked = check(
        "fast",
        1,
        program -> DecisionMode.ADAPTIVE,
        weights -> new NegatedRow(weights, SPOILED + ".weight", 7));
    assertThat(checked.check().wrong()).containsExactly("quant.linear at " + SPOILED + ", step 0");
  }

  private static void requireAll(Checked checked) {
    System.out.print(checked.check().text());
    assertThat(checked.check().wrong()).isEmpty();
    Set<Operation> left = new HashSet<>(checked.program());
    left.removeAll(checked.check().compared());
    for (Operation operation : left) {
      assertThat(WITHOUT_NUMBERS).as(operation.location().text()).containsKey(operation.name());
      boolean hasPlace =
          operation.attributes().has("at") && !operation.results().isEmpty();
      assertThat(hasPlace)
          .as(operation.name() + " at " + operation.location().text())
          .isFalse();
    }
  }

  /** @param spoil what the weights are on the card alone */
  private Checked check(
      String preset,
      int steps,
      Function<List<Operation>, DecisionMode> decisions,
      UnaryOperator<WeightStore> spoil) {
    Optional<Calibration> calibration = Calibrations.find(null, MODEL);
    Path path = folder.resolve(preset + ".qca");
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      IrModule module = SampleModule.lift(checkpoint, SAMPLE);
      WeightStore weights = BalancedWeights.of(checkpoint.weights(), calibration);
      Pipeline pipeline = AllPasses.parse("@" + preset + "," + AllPasses.CUDA_PASSES, calibration);
      new PassManager(StandardOps.registry(), List.of()).run(pipeline, module);
      ArtifactWriter.writeCuda(
          path,
          module,
          spoil.apply(weights),
          CudaTarget.of(List.of(CudaTarget.EMULATED)),
          new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
          BuildProgress.NONE);
      try (ArtifactReader artifact = ArtifactReader.open(path);
          WatchedProgram card = WatchedProgram.load(artifact, "sample", 1);
          WatchedProgram reference = WatchedProgram.interpreted(card.module(), "sample", weights)) {
        List<Operation> program = Executors.numbered(card.function());
        Run run = new Run(
            SampleInputs.of(card.signature(), SAMPLE, steps, SHOWN),
            steps,
            decisions.apply(program));
        return new Checked(
            OperationCheck.of(reference, run, CardRun.of(card, run), LIMITS), program);
      }
    }
  }

  /** Three steps: computed; computed without any branch that may be left out; reused. */
  private static DecisionMode reusing(List<Operation> program) {
    Map<String, List<Decision>> guards = new LinkedHashMap<>();
    Map<String, List<LayerDecision>> branches = new LinkedHashMap<>();
    for (Operation operation : program) {
      if (operation.is(CacheOps.GUARD)) {
        guards.put(operation.attributes().string("name"), decisions(true, true, false));
      } else if (operation.is(PruneOps.BRANCH)) {
        branches.put(
            PruneOps.branchName(operation.attributes()),
            outcomes(Outcome.COMPUTED, Outcome.PRUNED, Outcome.NOT_REACHED));
      }
    }
    return DecisionMode.replay(new DecisionTrace(3, guards, branches));
  }

  private static List<Decision> decisions(boolean... computed) {
    List<Decision> out = new ArrayList<>();
    for (boolean one : computed) {
      out.add(Decision.unmeasured(out.size(), one));
    }
    return out;
  }

  private static List<LayerDecision> outcomes(Outcome... outcomes) {
    List<LayerDecision> out = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      out.add(LayerDecision.unmeasured(out.size(), outcome));
    }
    return out;
  }
}
