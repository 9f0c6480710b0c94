package org.quantcache.tools.layers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.WeightDefinitions;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;

/** Runs of one model with more bits for some of its layers, judged by the lossless build. */
public final class PrecisionRuns implements PrecisionSearch.Trials {
  /** Leaves activations apart from products, so that every product can be compared. */
  private static final String LOSSLESS = "fold,specialize,hoist,fuse{rules=needed},fold";

  private static final String FUNCTION = "sample";

  /**
   * What is run.
   *
   * @param model folder of the model
   * @param target device
   * @param calibration what passes may choose by
   * @param inputs of every run
   * @param threads workers of the cpu device
   */
  public record Setting(
      Path model,
      CompileTarget target,
      Optional<Calibration> calibration,
      LayerInputs inputs,
      int threads) {}

  private final Setting setting;
  private final WidenedPasses passes;
  private final List<String> layers;
  private Map<String, Tensor> tensors = Map.of();
  private Tensor expected = Tensor.scalar(0);

  /**
   * Finds out which layers a pipeline rounds.
   *
   * @param passes pipeline text that holds aigq
   * @param width bits of layers that get more, or {@code float}
   * @throws UserError CL0744 when the pipeline rounds nothing
   */
  public PrecisionRuns(Setting setting, String passes, String width) {
    this.setting = setting;
    this.passes = new WidenedPasses(passes, width);
    this.layers = rounded();
    if (layers.isEmpty()) {
      throw UserError.of("CL0744", "the pipeline rounds no layer of this model")
          .withHint("for instance --passes '@none,aigq{weights=4}'");
    }
  }

  private List<String> rounded() {
    try (Checkpoint checkpoint = Checkpoint.open(setting.model())) {
      IrModule module = lift(checkpoint);
      new PassManager(StandardOps.registry(), List.of())
          .run(AllPasses.parse(passes.with(List.of()), setting.calibration()), module);
      Set<String> out = new LinkedHashSet<>();
      module.walk(op -> {
        if (op.is(QuantOps.LINEAR)) {
          WeightDefinitions.of(module, op.operand(QuantOps.WEIGHT))
              .ifPresent(definition ->
                  out.add(definition.attributes().string("key").replaceFirst("\\.weight$", "")));
        }
      });
      return List.copyOf(out);
    }
  }

  private IrModule lift(Checkpoint checkpoint) {
    return setting.inputs().lift(checkpoint, setting.model(), FUNCTION, List.of());
  }

  /** Pipeline text with more bits for some layers. */
  public String text(Collection<String> widened) {
    return passes.with(widened);
  }

  /**
   * Runs the lossless build, which the others are judged by, and beside it the one that has more bits nowhere.
   *
   * @param progress told of each step
   * @return the layers, the one whose product is farthest from that of the lossless build first
   */
  public List<String> ranked(StepObserver progress) {
    try (LayerSource exact = open(LOSSLESS);
        LayerSource coarse = open(passes.with(List.of()))) {
      tensors = setting.inputs().tensors(exact, FUNCTION);
      LayerComparison found = new ComparedLayers(
              tensors, setting.inputs().steps(), DecisionMode.ALWAYS, progress)
          .builds("lossless", exact, "rounded", coarse);
      expected = exact.run(tensors, setting.inputs().steps());
      return byError(found);
    }
  }

  private List<String> byError(LayerComparison found) {
    Map<String, Double> worst = new LinkedHashMap<>();
    for (LayerRow row : found.rows()) {
      if (row.opB().equals(QuantOps.LINEAR)) {
        layers.stream()
            .filter(row.places()::contains)
            .forEach(layer -> worst.merge(layer, row.distance().rank(), Math::max));
      }
    }
    List<String> out = new ArrayList<>(layers);
    out.sort(Comparator.comparingDouble(layer -> -worst.getOrDefault(layer, 0.0)));
    return out;
  }

  private LayerSource open(String pipeline) {
    return LayerSource.open(
        setting.model(), FUNCTION, this::lift, request(pipeline), setting.threads());
  }

  private ModelCompiler.Request request(String pipeline) {
    return ModelCompiler.Request.of(setting.target(), pipeline).with(setting.calibration());
  }

  @Override
  public double error(Set<String> widened) {
    try (ModelSource source =
            ModelSource.open(setting.model(), this::lift, request(passes.with(widened)));
        Program program =
            Programs.load(source.artifact(), FUNCTION, setting.threads(), ScalarType.F32)) {
      Tensor output = program
          .run(tensors, setting.inputs().steps(), StepObserver.NONE, DecisionMode.ALWAYS)
          .values()
          .iterator()
          .next();
      return Distance.between(expected, output).rank();
    }
  }
}
