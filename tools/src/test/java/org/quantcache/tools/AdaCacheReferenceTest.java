package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;

/** The presets of AdaCache decide as AdaCache's own code did on these weights, and give its latents. */
@Tag("slow")
class AdaCacheReferenceTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final Path REFERENCE = MODEL.resolve("reference");

  @ParameterizedTest
  @CsvSource({"adacache,adacache-100", "adacache-fast,adacache-30-fast"})
  void agreesWithTheOriginal(String preset, String recording) {
    JsonNode recorded = GoldenCase.json(REFERENCE.resolve(recording + ".json"));
    int steps = recorded.get("steps").asInt();
    Map<String, Tensor> inputs =
        TensorFile.read(REFERENCE.resolve(recording + ".inputs.safetensors"));
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    SamplerSettings sampler =
        new SamplerSettings(steps, 1000, recorded.get("cfg_scale").asDouble(), false, false);
    inputs.put("guidance", Tensor.of(List.of(1L), (float) sampler.guidance()));
    List<DecisionTrace> traces = new ArrayList<>();
    try (ModelSource source = ModelSource.open(
            MODEL,
            checkpoint -> StditImporter.of(checkpoint)
                .sample(RequestOfInputs.sample(checkpoint.config(), sizes, sampler))
                .finish(),
            ModelCompiler.Request.of(CompileTarget.CPU, AllPasses.preset(preset)));
        Program program = Programs.load(source.artifact(), "sample", 2, ScalarType.F32)) {
      Map<String, Tensor> found = program.run(
          inputs,
          steps,
          new StepObserver() {
            @Override
            public void decided(DecisionTrace trace) {
              traces.add(trace);
            }
          },
          DecisionMode.ADAPTIVE);

      Closeness.assertClose(
          found, TensorFile.read(REFERENCE.resolve(recording + ".outputs.safetensors")), 1e-5);
    }
    List<Decision> decisions = traces.get(0).guards().get("stack");
    List<Integer> expected = new ArrayList<>();
    recorded.get("computed_steps_1_based").forEach(step -> expected.add(step.asInt()));
    assertThat(decisions)
        .filteredOn(Decision::computed)
        .extracting(decision -> decision.step() + 1)
        .isEqualTo(expected);
    for (JsonNode entry : recorded.get("metric_by_step")) {
      double metric = decisions.get(entry.get(0).asInt() - 1).divergence().orElseThrow();
      // The original prints three decimals.
      assertThat(String.format(Locale.ROOT, "%.3f", metric))
          .as("metric of step %s", entry.get(0))
          .isEqualTo(String.format(Locale.ROOT, "%.3f", entry.get(1).asDouble()));
    }
  }
}
