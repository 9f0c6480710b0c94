package org.quantcache.importers.stdit3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.importers.checkpoint.CheckpointLayout;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

class StditImporterTest {
  private static final LatentShape LATENT = new LatentShape(3, 5, 6);

  static Stream<String> forwardCases() {
    return LiftedModels.FORWARD_CASES.stream();
  }

  static Stream<String> sampleCases() {
    return LiftedModels.SAMPLE_CASES.stream();
  }

  static Stream<StditConfig> publishedModels() {
    return Stream.of(StditConfig.XL_2, StditConfig.THREE_B_2);
  }

  @ParameterizedTest
  @MethodSource("publishedModels")
  void publishedModelHasTheOperationsOfItsBlocks(StditConfig config) {
    ForwardRequest request = new ForwardRequest(2, LATENT, 1, false, List.of());

    Map<String, Integer> counts =
        LiftedModels.counts(LiftedModels.forward(config, request, ScalarType.BF16));

    int blocks = 2 * config.depth();
    assertThat(counts)
        .containsEntry(NnOps.LINEAR, 7 * blocks + 9)
        .containsEntry(NnOps.ATTENTION, blocks)
        .containsEntry(NnOps.CROSS_ATTENTION, blocks)
        .containsEntry(NnOps.RMS_NORM, 2 * blocks)
        .containsEntry(NnOps.ROPE, blocks)
        .containsEntry(NnOps.LAYER_NORM, 2 * blocks + 1)
        .containsEntry(NnOps.MODULATE, 2 * blocks + 1)
        .containsEntry(NnOps.GELU, blocks + 1)
        .doesNotContainKey(MathOps.SELECT);
  }

  @Test
  void frameMaskDoublesEveryModulationAndSelects() {
    StditConfig config = LiftedModels.golden("xmask");
    Map<String, Integer> plain = counts(config, false);

    Map<String, Integer> masked = counts(config, true);

    int blocks = 2 * config.depth();
    assertThat(masked)
        .containsEntry(NnOps.LAYER_NORM, 2 * plain.get(NnOps.LAYER_NORM))
        .containsEntry(NnOps.MODULATE, 2 * plain.get(NnOps.MODULATE))
        .containsEntry(MathOps.SELECT, 4 * blocks + 1)
        .containsEntry(NnOps.LINEAR, plain.get(NnOps.LINEAR) + 3);
  }

  private static Map<String, Integer> counts(StditConfig config, boolean frameMask) {
    ForwardRequest request = new ForwardRequest(2, LATENT, 1, frameMask, List.of());
    return LiftedModels.counts(LiftedModels.forward(config, request, ScalarType.F32));
  }

  @Test
  void modelWithoutQkNormHasNoRmsNorm() {
    assertThat(LiftedModels.counts(LiftedModels.forward("plain")))
        .doesNotContainKey(NnOps.RMS_NORM);
  }

  @ParameterizedTest
  @MethodSource("forwardCases")
  void tapsHaveTheNamesAndSizesOfTheOriginal(String name) {
    Function function = LiftedModels.forward(name, ForwardRequest.ALL_TAPS).function("forward");

    Map<String, List<Long>> found = new LinkedHashMap<>();
    for (int i = 0; i < function.resultTypes().size(); i++) {
      found.put(
          function.resultNames().get(i),
          function.resultTypes().get(i).dims().stream()
              .map(StditImporterTest::withTokens)
              .toList());
    }

    Map<String, List<Long>> expected = LiftedModels.sizes(name, "outputs");
    assertThat(found).containsAllEntriesOf(expected);
    // The original calls its t_block twice with a frame mask, which its recorder could not name.
    Set<String> others = new TreeSet<>(found.keySet());
    others.removeAll(expected.keySet());
    assertThat(others).isSubsetOf("t_block");
  }

  /** The reference cases have texts of six tokens. */
  private static long withTokens(Dim dim) {
    return dim.evaluate(symbol -> 6);
  }

  @ParameterizedTest
  @MethodSource("forwardCases")
  void parametersAreTheTensorsOfTheInputsFile(String name) {
    Function function = LiftedModels.forward(name).function("forward");

    assertThat(function.parameters().stream().map(Value::nameHint))
        .containsExactlyInAnyOrderElementsOf(LiftedModels.sizes(name, "inputs").keySet());
  }

  @ParameterizedTest
  @MethodSource("sampleCases")
  void samplingTakesItsInputsAndTheGuidance(String name) {
    Function function = LiftedModels.sample(name).function("sample");

    Set<String> expected = new TreeSet<>(LiftedModels.sizes(name, "inputs").keySet());
    expected.add("guidance");
    assertThat(function.parameters().stream().map(Value::nameHint))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(function.resultNames()).containsExactly("output", "timesteps");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "plain", "sample-rflow"})
  void everyTensorOfTheCheckpointIsReadWithItsElements(String name) {
    StditConfig config = LiftedModels.golden(name);
    boolean samples = LiftedModels.SAMPLE_CASES.contains(name);
    IrModule module = samples ? LiftedModels.sample(name) : LiftedModels.forward(name);

    Map<String, Long> found = new TreeMap<>();
    for (Operation definition : module.globals()) {
      TensorType type = definition.attributes().type("type");
      found.put(definition.attributes().string("key"), type.constantElements().getAsLong());
    }

    Map<String, Long> expected = new TreeMap<>();
    CheckpointLayout.of(config)
        .shapes()
        .forEach((key, sizes) -> expected.put(key, sizes.stream().reduce(1L, Math::multiplyExact)));
    if (!samples) {
      expected.remove("y_embedder.y_embedding");
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void projectedTextNeedsNoCaptionWeights() {
    IrModule module = LiftedModels.forward("skipy");

    assertThat(module.globals().stream().map(w -> w.attributes().string("key")))
        .noneMatch(key -> key.startsWith("y_embedder"));
    assertThat(module.dimensionBounds()).containsExactly(Map.entry("P", 12L));
  }

  @Test
  void weightsStayAsStoredAndSmallOnesAreWidened() {
    ForwardRequest request = new ForwardRequest(2, LATENT, 1, false, List.of());
    StditConfig config = LiftedModels.golden("tiny");

    IrModule module = LiftedModels.forward(config, request, ScalarType.F16);

    for (Operation operation : LiftedModels.operations(module)) {
      if (operation.is(NnOps.LINEAR)) {
        assertThat(operation.operand(1).type().element()).isEqualTo(ScalarType.F16);
      } else if (operation.is(NnOps.RMS_NORM)) {
        assertThat(operation.operand(1).type().element()).isEqualTo(ScalarType.F32);
      }
    }
    // Per block the table and two norm weights; the table of the final layer; the rotation
    // frequencies.
    assertThat(LiftedModels.counts(module))
        .containsEntry(TensorOps.CAST, 3 * 2 * config.depth() + 2);
  }

  @Test
  void missingRotationFrequenciesAreComputed() {
    StditConfig config = LiftedModels.golden("tiny");
    ForwardRequest request = new ForwardRequest(2, LATENT, 1, false, List.of());

    IrModule module = new StditImporter(
            "model",
            config,
            key -> key.equals("rope.freqs")
                ? java.util.Optional.empty()
                : java.util.Optional.of(ScalarType.F32))
        .forward(request)
        .finish();

    assertThat(LiftedModels.counts(module)).containsEntry("embed.rope_frequencies", 1);
    assertThat(module.findGlobal("rope.freqs")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"xmask", "skipy", "sample-rflow", "sample-cond"})
  void everyOperationHasAPlaceAndEveryValueANameAndAReader(String name) {
    IrModule module = LiftedModels.SAMPLE_CASES.contains(name)
        ? LiftedModels.sample(name)
        : LiftedModels.forward(name);

    for (Operation operation : LiftedModels.operations(module)) {
      assertThat(operation.location().paths()).as(operation.toString()).hasSize(1);
      for (Value result : operation.results()) {
        assertThat(result.nameHint()).as(operation.toString()).matches("[a-z][a-z_0-9]*");
      }
      if (!operation.results().isEmpty()) {
        assertThat(operation.results()).as(operation.toString()).anyMatch(v -> !v.isUnused());
      }
    }
  }

  @Test
  void productsStandAtTheModuleOfTheirWeight() {
    for (Operation operation : LiftedModels.operations(LiftedModels.sample("sample-cond"))) {
      if (operation.is(NnOps.LINEAR)) {
        String key =
            operation.operand(1).definingOperation().orElseThrow().attributes().symbol("weight");
        assertThat(key).isEqualTo(operation.location().text() + ".weight");
      }
    }
  }

  @Test
  void samplingWithoutConditionPassesAnAllTrueFrameMask() {
    IrModule module = LiftedModels.sample("sample-rflow");

    assertThat(LiftedModels.operations(module))
        .filteredOn(op -> op.is(StructureOps.CONSTANT)
            && op.result().type().equals(TensorType.of(ScalarType.I1, 4, 3)))
        .singleElement()
        .satisfies(op -> assertThat(op.attributes().real("value")).isEqualTo(1.0));
  }

  @Test
  void loopCarriesTheLatentAndWithAConditionTheFramesThatGotNoise() {
    assertThat(loop("sample-plain").results().stream().map(Value::nameHint)).containsExactly("z");
    assertThat(loop("sample-cond").results().stream().map(Value::nameHint))
        .containsExactly("z", "noise_added");
  }

  private static Operation loop(String name) {
    return LiftedModels.operations(LiftedModels.sample(name)).stream()
        .filter(op -> op.is(StructureOps.LOOP))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void oneModuleHoldsBothFunctionsAndDefinesEachWeightOnce() {
    StditConfig config = LiftedModels.golden("tiny");
    IrModule module = LiftedModels.importer(config, ScalarType.F32)
        .forward(new ForwardRequest(2, LATENT, 1, false, List.of()))
        .sample(new SampleRequest(1, LATENT, true, false, 1000, true, false))
        .finish();

    assertThat(module.functions().stream().map(Function::name))
        .containsExactly("forward", "sample");
    assertThat(module.globals())
        .hasSameSizeAs(CheckpointLayout.of(config).shapes().keySet());
    assertThat(module.dimensionBounds())
        .containsExactly(Map.entry("L", 6L), Map.entry("N", StditImporter.MAX_STEPS));
  }

  @Test
  void unknownTapIsRefusedWithTheNearestName() {
    assertError("IM0502", () -> LiftedModels.forward("tiny", "spatial_blocks.0.atn"))
        .satisfies(e -> assertThat(((UserError) e).hint()).contains("spatial_blocks.0.attn"));
  }

  @Test
  void frameMaskNeedsPatchesOfOneFrame() {
    StditConfig config = LiftedModels.golden("plain");
    ForwardRequest request = new ForwardRequest(2, LATENT, 1, true, List.of());

    assertError("IM0503", () -> LiftedModels.forward(config, request, ScalarType.F32));
  }

  @Test
  void samplerRefusesModelsWithoutSigmaOrNullText() {
    SampleRequest request = new SampleRequest(1, LATENT, true, false, 1000, true, false);

    assertError(
        "IM0504",
        () ->
            LiftedModels.importer(LiftedModels.golden("plain"), ScalarType.F32).sample(request));
    assertError(
        "IM0505",
        () ->
            LiftedModels.importer(LiftedModels.golden("skipy"), ScalarType.F32).sample(request));
  }

  @Test
  void requestsWithoutSamplesOrWithAnUnevenMaskAreRefused() {
    assertError("IM0501", () -> new LatentShape(1, 0, 1));
    assertError("IM0501", () -> new LatentShape(1 << 28, 1, 2));
    assertError(
        "IM0501", () -> new LatentShape(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
    assertError("IM0507", () -> new ForwardRequest(0, LATENT, 0, false, List.of()));
    assertError("IM0507", () -> new SampleRequest(0, LATENT, true, false, 1000, true, false));
    assertError("IM0508", () -> new ForwardRequest(4, LATENT, 3, false, List.of()));
    assertError("IM0508", () -> new ForwardRequest(4, LATENT, -1, false, List.of()));
    assertError("IM0602", () -> new SampleRequest(1, LATENT, true, false, 0, true, false));
  }

  @Test
  void patchGridRoundsUp() {
    StditConfig config = LiftedModels.golden("plain");
    LatentShape latent = new LatentShape(5, 6, 7);

    assertThat(latent.patchFrames(config)).isEqualTo(3);
    assertThat(latent.places(config)).isEqualTo(12);
    assertThat(new LatentShape(1, 1 << 14, (1 << 14) - 1).places(config)).isEqualTo(1L << 26);
    assertThat(new LatentShape(1, 1, 1 << 28).places(config)).isEqualTo(1L << 27);
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertError(
      String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOf(UserError.class)
        .satisfies(e -> assertThat(((UserError) e).code()).isEqualTo(code));
  }
}
