package org.quantcache.passes.aigq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.passes.calibration.Basis;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.LayerRounding;
import org.quantcache.passes.calibration.RoundedWeight;
import org.quantcache.passes.calibration.Rounding;
import org.quantcache.passes.calibration.Trajectory;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.instruments.Remark;
import org.quantcache.passes.instruments.RemarkLog;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;

/** Layers take the grids that a calibration measured as the best ones. */
class CalibratedGridsTest {
  private static final String STACK = """
      module @t <dims = [#dim<bound = 9, name = N>], stages = [imported, fused]> {
        weight.def @w1 <key = "w1", type = f32[64, 64]>
        weight.def @w2 <key = "w2", type = f32[64, 64]>
        func @f(%x: f32[1, 2, 3, 64], %grid: f32[N, 2], %s: f32[1, 1, 1, 64]) -> f32[1, 2, 3, 64] <results = ["output"]> {
          %r = step.loop(%grid, %x) : f32[1, 2, 3, 64] {|%i: i32[], %z: f32[1, 2, 3, 64]|
            %w1 = weight.get <weight = @w1> : f32[64, 64] loc("first")
            %w2 = weight.get <weight = @w2> : f32[64, 64] loc("second")
            %n = fused.norm_modulate(%z, %s, %s) <epsilon = 1.0E-6> : f32[1, 2, 3, 64] loc("norm")
            %h = fused.linear(%n, %w1) <epilogue = [gelu]> : f32[1, 2, 3, 64] loc("first")
            %y = fused.linear(%h, %w2, %z) <epilogue = [residual]> : f32[1, 2, 3, 64] loc("second")
            step.yield(%y) loc("loop")
          }
          func.return(%r)
        }
      }
      """;

  /** Stored bits of a weight at 4 and 8 bits: 64 columns share a scale and a sum of 32 bits. */
  private static final double SMALL = 5;

  /** Errors: of 4 bits in groups, in rows; of 8 bits in rows; the same for activations. */
  private static Basis basis(double balance, boolean rotated, double factor) {
    return new Basis(
        balance,
        rotated,
        List.of(1e-2 * factor, 1e-3 * factor, 1e-4 * factor),
        List.of(
            new RoundedWeight(4, 0, 0.9, 1e-2 * factor),
            new RoundedWeight(4, 32, 1, 5e-3 * factor),
            new RoundedWeight(8, 0, 1, 1e-5 * factor)));
  }

  private static LayerRounding layer(
      String key, double perceptual, double temporal, Basis... bases) {
    return new LayerRounding(
        key, perceptual, temporal, Collections.nCopies(64, 1.0), List.of(bases));
  }

  /** The first layer is best when rotated, the second when balanced; the video minds the second one more. */
  private static Optional<Calibration> calibration() {
    LayerRounding first = layer(
        "w1",
        0.01,
        0.4,
        basis(0, false, 4),
        basis(0, true, 1),
        basis(0.5, false, 8),
        basis(0.5, true, 9));
    LayerRounding second = layer(
        "w2",
        0.03,
        0.1,
        basis(0, false, 2),
        basis(0, true, 3),
        basis(0.5, false, 0.5),
        basis(0.5, true, 4));
    return Optional.of(new Calibration(
        "any",
        List.of(),
        new Trajectory(List.of(List.of(1.0, 0.0), List.of(0.0, 1.0)), List.of(0.5, 0.5)),
        List.of(),
        Optional.of(new Rounding(List.of(first, second)))));
  }

  private record Result(IrModule module, Map<String, Attributes> rounded, List<Remark> remarks) {}

  private static Result run(String options, Optional<Calibration> calibration) {
    IrModule module = IrParser.parse(STACK, "stack", StandardOps.registry());
    RemarkLog log = new RemarkLog();
    new PassManager(StandardOps.registry(), List.of(new VerifyEach(), log))
        .run(AllPasses.parse("aigq{" + options + "}", calibration), module);
    Map<String, Attributes> rounded = new TreeMap<>();
    for (Operation global : module.globals()) {
      Attributes definition = global.attributes();
      if (definition.has("bits") && !definition.has("part")) {
        rounded.put(definition.string("key"), definition);
      }
    }
    return new Result(module, rounded, log.remarks());
  }

  @Test
  void eachLayerTakesItsBestBasis() {
    Result result = run("weights=4,rotate=auto,balance=auto,clip=auto", calibration());
    assertThat(result.rounded().get("w1").values().keySet())
        .containsExactly("bits", "clip", "hadamard", "key", "type");
    assertThat(result.rounded().get("w2").string("columns")).isEqualTo("w2#balance=0.5");
    assertThat(result.rounded().get("w2").has("hadamard")).isFalse();
    Operation product = result.module().functions().get(0).body().operations().stream()
        .filter(op -> op.regions().size() > 0)
        .flatMap(op -> op.regions().get(0).operations().stream())
        .filter(op -> op.is(QuantOps.ROWS))
        .reduce((first, second) -> second)
        .orElseThrow();
    assertThat(product.attributes().flag("inverse")).isTrue();
    assertThat(product.operandCount()).isEqualTo(2);
  }

  @Test
  void groupsAreTakenWhereTheyAreBest() {
    Result result = run("weights=4,rotate=auto,group=auto", calibration());
    assertThat(result.rounded().values())
        .hasSize(2)
        .allSatisfy(definition -> assertThat(definition.integer("group")).isEqualTo(32));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "perceptual=1,numeric=0,temporal=0 4 8",
        "perceptual=0,numeric=0,temporal=1 8 4",
      })
  void spareBitsGoWhereTheyHelpMost(String shares, int first, int second) {
    Result result = run("weights=auto,rotate=true,budget=7,widths=4/8," + shares, calibration());
    assertThat(result.rounded().get("w1").integer("bits")).isEqualTo(first);
    assertThat(result.rounded().get("w2").integer("bits")).isEqualTo(second);
  }

  @Test
  void aLayerStaysInFloatsWhereTheBudgetAllowsIt() {
    Result result = run("weights=auto,rotate=true,budget=32", calibration());
    assertThat(result.rounded()).isEmpty();
    assertThat(result.remarks())
        .filteredOn(remark -> remark.details().has("reason"))
        .hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "weights=auto",
        "balance=0.5",
        "balance=auto",
        "rotate=auto",
        "group=auto",
        "clip=auto"
      })
  void whatIsLeftOpenNeedsACalibration(String options) {
    assertRefused("PA0701", options, Optional.empty());
    Calibration known = calibration().orElseThrow();
    assertRefused(
        "PA0701",
        options,
        Optional.of(new Calibration(
            known.model(), known.cases(), known.trajectory(), known.plans(), Optional.empty())));
  }

  @Test
  void aBudgetBelowTheSmallestGridsIsRefused() {
    assertThat(run("weights=auto,budget=" + SMALL, calibration()).rounded()).hasSize(2);
    assertRefused("PA0702", "weights=auto,budget=" + (SMALL - 0.01), calibration());
    assertRefused("PA0103", "weights=auto,budget=3.9", calibration());
    assertRefused("PA0103", "weights=5", calibration());
  }

  @Test
  void aLayerOrGridThatWasNotMeasuredIsRefused() {
    Calibration known = calibration().orElseThrow();
    List<LayerRounding> layers = known.rounding().orElseThrow().layers();
    Optional<Calibration> half = Optional.of(known.with(new Rounding(List.of(layers.get(0)))));
    assertRefused("PA0703", "rotate=auto", half);
    assertRefused("PA0703", "group=64,clip=auto", calibration());
  }

  private static void assertRefused(
      String code, String options, Optional<Calibration> calibration) {
    assertThatThrownBy(() -> run(options, calibration))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo(code));
  }
}
