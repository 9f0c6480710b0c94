package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.importers.stdit3.ForwardRequest;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** A model whose weights and inputs come from a formula, against figures of an independent f64 model. */
class GeneratedModelTest {
  private static final StditConfig CONFIG =
      new StditConfig(96, 2, 4, List.of(1, 2, 2), 4, 4.0, true, 40, 11, true, 512, false);
  private static final LatentShape LATENT = new LatentShape(3, 5, 7);

  /** Error of a sum, as a part of the sum of absolute values. */
  private static final double SUM_LIMIT = 1e-5;

  private static Map<String, Tensor> unmasked;
  private static Map<String, Tensor> allTrue;
  private static Map<String, Tensor> firstFrameKept;

  @BeforeAll
  static void run() {
    unmasked = run(null);
    allTrue = run(new boolean[] {true, true, true});
    firstFrameKept = run(new boolean[] {false, true, true});
  }

  private static Map<String, Tensor> run(boolean[] frames) {
    return run(frames, ScalarType.F32);
  }

  private static Map<String, Tensor> run(boolean[] frames, ScalarType precision) {
    GeneratedWeights weights = new GeneratedWeights(CONFIG);
    ForwardRequest request =
        new ForwardRequest(2, LATENT, 1, frames != null, List.of(ForwardRequest.ALL_TAPS));
    IrModule module = new StditImporter(
            "generated",
            CONFIG,
            key -> weights.find(key).isPresent() ? Optional.of(ScalarType.F32) : Optional.empty())
        .forward(request)
        .finish();
    ReferenceProgram program = new ReferenceProgram(module, "forward", weights, precision);
    return program.run(inputs(frames), 1, StepObserver.NONE);
  }

  private static Map<String, Tensor> inputs(boolean[] frames) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    Tensor x = Tensor.zeros(ScalarType.F32, List.of(2L, 4L, 3L, 5L, 7L));
    int half = x.count() / 2;
    for (int i = 0; i < x.count(); i++) {
      x.set(i, 2 * GeneratedWeights.noise(i % half, 1001));
    }
    Tensor y = Tensor.zeros(ScalarType.F32, List.of(2L, 1L, 11L, 40L));
    for (int i = 0; i < y.count(); i++) {
      y.set(i, 2 * GeneratedWeights.noise(i, 1002));
    }
    out.put("x", x);
    out.put("y", y);
    out.put("mask", Tensor.of(List.of(1L, 11L), 1L, 1L, 1L, 1L, 1L, 1L, 1L, 0L, 0L, 0L, 0L));
    out.put("timestep", Tensor.of(List.of(2L), 731.25f, 731.25f));
    out.put("fps", Tensor.of(List.of(2L), 24f, 24f));
    out.put("height", Tensor.of(List.of(2L), 40f, 40f));
    out.put("width", Tensor.of(List.of(2L), 56f, 56f));
    if (frames != null) {
      Tensor mask = Tensor.zeros(ScalarType.I1, List.of(2L, 3L));
      for (int i = 0; i < mask.count(); i++) {
        mask.set(i, frames[i % 3] ? 1 : 0);
      }
      out.put("x_mask", mask);
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, -0.489069163",
    "1, 0, -0.286261862",
    "0, 1, 0.488498879",
    "12345, 7, -0.325398602"
  })
  void generatorIsTheOneOfTheExpectations(int element, int tensor, double expected) {
    assertThat(GeneratedWeights.noise(element, tensor)).isEqualTo(expected, within(5e-10));
  }

  @ParameterizedTest
  @CsvSource({
    "pos_embed, 476.711930, 642.304552",
    "t_block, -6.773145, 172.061584",
    "y_embedder, -41.499851, 436.386643",
    "x_embedder, -110.766567, 2242.153697",
    "spatial_blocks.0, 3004.049327, 4905.312712",
    "temporal_blocks.0, 2938.240209, 5076.165602",
    "spatial_blocks.1, 2933.085833, 4974.618899",
    "temporal_blocks.1, 2981.219587, 5233.796407",
    "output, 341.257858, 1286.510989"
  })
  void sumsAgreeWhenAllFramesMove(String name, double sum, double sumOfAbsolutes) {
    assertSums(allTrue.get(name), sum, sumOfAbsolutes);
    assertSums(unmasked.get(name), sum, sumOfAbsolutes);
  }

  @ParameterizedTest
  @CsvSource({
    "spatial_blocks.0, 2977.351577, 4910.103033",
    "temporal_blocks.0, 2918.178317, 5083.154393",
    "spatial_blocks.1, 2931.016269, 5021.316777",
    "temporal_blocks.1, 2964.933986, 5222.707534",
    "output, 442.244692, 1362.316231"
  })
  void sumsAgreeWhenTheFirstFrameIsKept(String name, double sum, double sumOfAbsolutes) {
    assertSums(firstFrameKept.get(name), sum, sumOfAbsolutes);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, 0, 1.838682, 1.537803",
    "0, 3, 1, 2, 4, 1.024719, 0.981164",
    "1, 0, 0, 0, 0, 1.703228, 1.528240",
    "1, 3, 2, 4, 6, 0.996500, 0.967707",
    "1, 7, 2, 4, 6, -0.641062, -0.658469"
  })
  void elementsOfTheOutputAgree(
      int sample, int channel, int frame, int row, int column, double moving, double kept) {
    int index = (((sample * 8 + channel) * 3 + frame) * 5 + row) * 7 + column;

    assertThat(allTrue.get("output").get(index)).isEqualTo(moving, within(3e-5));
    assertThat(unmasked.get("output").get(index)).isEqualTo(moving, within(3e-5));
    assertThat(firstFrameKept.get("output").get(index)).isEqualTo(kept, within(3e-5));
  }

  @Test
  void positionsOfTheFifthPlaceAgree() {
    Tensor positions = unmasked.get("pos_embed");
    double[][] expected = {
      {0, 0.9665186, -0.6856783, -0.5845713, 0.5445770},
      {24, -0.2565966, 0.7279047, -0.8113424, -0.8387108},
      {48, -0.9842706, 0.8852424, -0.9526777, -0.2757321}
    };
    for (double[] row : expected) {
      for (int i = 0; i < 4; i++) {
        assertThat(positions.get(5 * 96 + (int) row[0] + i)).isEqualTo(row[i + 1], within(1e-5));
      }
    }
  }

  private static void assertSums(Tensor found, double sum, double sumOfAbsolutes) {
    double total = 0;
    double absolutes = 0;
    for (int i = 0; i < found.count(); i++) {
      total += found.get(i);
      absolutes += Math.abs(found.get(i));
    }
    assertThat(total).isEqualTo(sum, within(SUM_LIMIT * sumOfAbsolutes));
    assertThat(absolutes).isEqualTo(sumOfAbsolutes, within(SUM_LIMIT * sumOfAbsolutes));
  }

  /** The expectations come from float64 and show six decimals; what stays is float32 in tables and inputs. */
  @Test
  void float64IsNearerToTheFloat64ModelThanFloat32() {
    Map<String, Tensor> exact = run(null, ScalarType.F64);

    Tensor output = exact.get("output");
    assertThat(output.element()).isEqualTo(ScalarType.F64);
    double rounding = Closeness.relativeL2(unmasked.get("output"), output);
    assertThat(rounding).isBetween(1e-8, 2e-6);
    double sum = 0;
    for (int i = 0; i < output.count(); i++) {
      sum += output.get(i);
    }
    assertThat(sum).isEqualTo(341.257858, within(1e-6 * 1286.510989));
  }
}
