package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.Decision;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.passes.pipelines.AllPasses;

/** Guards that add up the changes of what the block stack reads, against a plain loop over the very values. */
@Tag("numerics")
class AccumulatedLoopTest {
  private static final Path MODEL = Path.of("samples/sprites");
  private static final Path INPUTS =
      MODEL.resolve("reference").resolve("adacache-100.inputs.safetensors");
  private static final int STEPS = 100;
  private static final int FEW_STEPS = 12;
  private static final String READ = "read";

  @TempDir
  private Path folder;

  /** Tensors that the stack read at each step, and what was decided. */
  private static final class Recorder implements StepObserver {
    private final List<float[]> read = new ArrayList<>();
    private final List<DecisionTrace> traces = new ArrayList<>();

    @Override
    public boolean wants(String series) {
      return series.equals(READ);
    }

    @Override
    public void observed(String series, int step, int steps, Tensor value) {
      float[] copy = new float[value.count()];
      for (int i = 0; i < copy.length; i++) {
        copy[i] = (float) value.get(i);
      }
      read.add(copy);
    }

    @Override
    public void decided(DecisionTrace trace) {
      traces.add(trace);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@teacache",
        "@none,aigq,hlc{accumulate=0.2,rescale=217.546007/-118.329252/26.8662585/-0.0459364272/0.048442624,warmup=1,tail=1}"
      })
  void aPlainLoopOverTheObservedValuesDecidesAlike(String passes) {
    Map<String, Tensor> inputs = TensorFile.read(INPUTS);
    SamplerSettings sampler = SamplerSettings.read(MODEL.resolve("sampler.json"));
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    inputs.put("guidance", Tensor.of(List.of(1L), (float) sampler.guidance()));
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      IrModule module = StditImporter.of(checkpoint)
          .sample(RequestOfInputs.sample(checkpoint.config(), sizes, sampler))
          .finish();
      LoopRuns.run(AllPasses.parse(passes), module);
      AccumulatePolicy policy = observe(module);
      Recorder found = new Recorder();
      Path observed =
          LoopRuns.compile(module, checkpoint.weights(), folder.resolve("observed.qca"));
      try (ArtifactReader artifact = ArtifactReader.open(observed);
          Program program = CpuProgram.load(artifact, "sample", 2)) {
        program.run(inputs, STEPS, found, DecisionMode.ADAPTIVE);
      }
      check(policy, found);
    }
  }

  /** Shows what the probe of the stack sees. Returns what the guard decides by. */
  private static AccumulatePolicy observe(IrModule module) {
    List<Operation> probes = new ArrayList<>();
    List<GuardPolicy> policies = new ArrayList<>();
    module.walk(op -> {
      if (op.is(CacheOps.PROBE)) {
        probes.add(op);
      } else if (op.is(CacheOps.GUARD)) {
        policies.add(GuardPolicy.of(op.attributes().get("policy")));
      }
    });
    assertThat(probes).hasSize(1);
    assertThat(policies).hasSize(1);
    Operation probe = probes.get(0);
    new Rewriter(module, StandardOps.registry(), new Rewriter.Listener() {})
        .before(probe)
        .create(StructureOps.OBSERVE)
        .operands(probe.parent().argument(0), probe.operand(0))
        .attribute("name", Attribute.string(READ))
        .at(probe.location())
        .build();
    return (AccumulatePolicy) policies.get(0);
  }

  /** TeaCache's own loop in front of the block stack, on the values that it would see. */
  private static void check(AccumulatePolicy policy, Recorder found) {
    assertThat(found.read).hasSize(STEPS);
    List<Decision> decisions = found.traces.get(0).guards().get("stack");
    List<Integer> expected = new ArrayList<>();
    double accumulated = 0;
    for (int step = 0; step < STEPS; step++) {
      boolean compute = true;
      if (step > 0) {
        double relative = relativeL1(found.read.get(step), found.read.get(step - 1));
        assertThat(decisions.get(step).divergence().orElseThrow())
            .as("step %d", step)
            .isCloseTo(relative, within(1e-5 * relative));
        int highest = policy.rescale().size() - 1;
        for (int power = 0; power <= highest; power++) {
          accumulated += policy.rescale().get(highest - power) * Math.pow(relative, power);
        }
        compute = step == STEPS - 1 || accumulated >= policy.threshold();
      }
      if (compute) {
        expected.add(step);
        accumulated = 0;
      }
    }
    assertThat(decisions)
        .filteredOn(Decision::computed)
        .extracting(Decision::step)
        .isEqualTo(expected);
    assertThat(expected).hasSizeBetween(12, 40);
  }

  private static double relativeL1(float[] now, float[] before) {
    double change = 0;
    double magnitude = 0;
    for (int i = 0; i < now.length; i++) {
      change += Math.abs((double) now[i] - before[i]);
      magnitude += Math.abs((double) before[i]);
    }
    return change / magnitude;
  }

  @Test
  void bothDevicesDecideAlike() {
    String sum = "hlc{accumulate=0.9,rescale=2/1/0,warmup=1,tail=1}";
    List<DecisionTrace> traces = new ArrayList<>();
    try (LoopCase loop = new LoopCase("sample-rflow", 2)) {
      LoopRuns.Check trace = (plain, summing) -> traces.add(
          LoopRuns.Run.of(summing, loop, FEW_STEPS, DecisionMode.ADAPTIVE).trace());
      LoopRuns.onTheReferenceDevice(loop, "@none", sum, trace);
      LoopRuns.onTheCpuDevice(loop, folder, "@none", sum, trace);
    }
    List<Decision> reference = traces.get(0).guards().get("stack");
    List<Decision> cpu = traces.get(1).guards().get("stack");
    assertThat(traces.get(0).computed("stack")).isBetween(3L, FEW_STEPS - 3L);
    for (int step = 0; step < FEW_STEPS; step++) {
      assertThat(cpu.get(step).computed()).isEqualTo(reference.get(step).computed());
      assertThat(cpu.get(step).divergence().orElse(0))
          .isCloseTo(reference.get(step).divergence().orElse(0), within(1e-5));
    }
  }
}
