package org.quantcache.passes.hlc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.DivergenceMetric.Motion;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.DivergenceCurve;
import org.quantcache.passes.calibration.NoiseFloor;
import org.quantcache.passes.calibration.Trajectory;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.instruments.Remark;
import org.quantcache.passes.instruments.RemarkLog;
import org.quantcache.passes.pipelines.AllPasses;

/** Guards take motion and noise floor from a calibration that measured their probe, and say so. */
class CalibratedMetricTest {
  private static final String STACK = """
      module @t <dims = [#dim<bound = 9, name = N>], stages = [imported, fused]> {
        weight.def @w <key = "w", type = f32[8, 8]>
        weight.def @q <key = "q", type = f32[24, 8]>
        func @f(%x: f32[1, 2, 3, 8], %grid: f32[N, 2]) -> f32[1, 2, 3, 8] <results = ["output"]> {
          %r = step.loop(%grid, %x) : f32[1, 2, 3, 8] {|%i: i32[], %z: f32[1, 2, 3, 8]|
            %w = weight.get <weight = @w> : f32[8, 8] loc("w")
            %q = weight.get <weight = @q> : f32[24, 8] loc("q")
            %e = nn.silu(%z) : f32[1, 2, 3, 8] loc("embed")
            %n = nn.linear(%e, %q) : f32[1, 2, 3, 24] loc("qkv")
            %a = fused.attention(%n) <heads = 2, axis = 1, norm = false, rope = false, scale = 0.5> : f32[1, 2, 3, 8] loc("attn")
            %b = fused.linear(%a, %w, %e) <epilogue = [residual]> : f32[1, 2, 3, 8] loc("proj")
            step.yield(%b) loc("loop")
          }
          func.return(%r)
        }
      }
      """;

  private static final String GUARD = "hlc{codebook=0.1:3/1%s}";

  private static final Calibration PLAIN = new Calibration(
      "any",
      List.of(),
      new Trajectory(List.of(List.of(1.0, 0.0), List.of(0.0, 1.0)), List.of(0.5, 0.5)),
      List.of(),
      Optional.empty());

  private static final Calibration KNOWN = PLAIN
      .with(new DivergenceCurve(1, List.of(0.2), OptionalDouble.of(0.25)))
      .withNoise(List.of(
          new NoiseFloor("aigq", new NoiseFloor.Bits(8, 8, Granularity.TOKEN), 0.0125),
          new NoiseFloor("aigq{weights=4}", new NoiseFloor.Bits(4, 8, Granularity.TOKEN), 0.0625)));

  private record Result(DivergenceMetric metric, List<Remark> remarks) {}

  private static Result run(String passes, Calibration calibration) {
    IrModule module = IrParser.parse(STACK, "stack", StandardOps.registry());
    RemarkLog log = new RemarkLog();
    new PassManager(StandardOps.registry(), List.of(log))
        .run(AllPasses.parse(passes, Optional.ofNullable(calibration)), module);
    List<DivergenceMetric> found = new ArrayList<>();
    module.walk(op -> {
      if (op.is(CacheOps.GUARD)) {
        found.add(GuardPolicy.of(op.attributes().get("policy")).metric());
      }
    });
    assertThat(found).hasSize(1);
    return new Result(found.get(0), log.remarks());
  }

  @Test
  void theMeanOfTheMotionComesFromTheCalibration() {
    Result result = run(GUARD.formatted(""), KNOWN);
    assertThat(result.metric().motion()).isEqualTo(Motion.RATIO);
    assertThat(result.metric().motionMean()).isEqualTo(0.25);
    assertThat(result.metric().noiseFloor()).isZero();
    assertThat(result.remarks())
        .filteredOn(remark -> remark.event().equals("Guarded"))
        .singleElement()
        .satisfies(remark ->
            assertThat(remark.details().get("metric")).isEqualTo(result.metric().attribute()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",motion=off", ",at=layer", ",probe=0", ",probe=0,motion=literal"})
  void withoutAMeanOfThisProbeTheFactorIsNoRatio(String options) {
    Calibration calibration = options.isEmpty() ? PLAIN : KNOWN;
    assertThat(run(GUARD.formatted(options), calibration).metric().motion())
        .isNotEqualTo(Motion.RATIO);
    assertThat(run(GUARD.formatted(options), null).metric().motion()).isNotEqualTo(Motion.RATIO);
  }

  @Test
  void aMeanThatIsGivenComesFirst() {
    DivergenceMetric metric =
        run(GUARD.formatted(",probe=0,motion-mean=0.5"), KNOWN).metric();
    assertThat(metric.motion()).isEqualTo(Motion.RATIO);
    assertThat(metric.motionMean()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {",motion=ratio,probe=0", ",motion=ratio,at=layer"})
  void aRatioWithoutAMeanIsRefused(String options) {
    assertThatThrownBy(() -> run(GUARD.formatted(options), KNOWN))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("PA0510"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {"aigq 0.0125", "aigq{weights=4} 0.0625", "aigq{weights=6} 0", "fold 0"})
  void theNoiseFloorFitsTheGrids(String before, double floor) {
    Result result = run(before + "," + GUARD.formatted(""), KNOWN);
    assertThat(result.metric().noiseFloor()).isEqualTo(floor);
    boolean unknown = before.contains("6");
    assertThat(result.remarks().stream().anyMatch(r -> r.event().equals("NoiseFloor")))
        .isEqualTo(unknown);
  }

  @Test
  void aNoiseFloorThatIsGivenComesFirst() {
    assertThat(
            run("aigq," + GUARD.formatted(",noise-floor=0.5"), KNOWN).metric().noiseFloor())
        .isEqualTo(0.5);
  }
}
