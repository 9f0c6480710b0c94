package org.quantcache.importers.stdit3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.diagnostics.UserError;

class RequestOfInputsTest {
  private static final StditConfig TINY = LiftedModels.golden("tiny");

  @Test
  void forwardRequestFollowsFromTheInputs() {
    assertThat(LiftedModels.forwardRequest("xmask"))
        .isEqualTo(new ForwardRequest(2, new LatentShape(4, 4, 6), 2, true, List.of()));
    assertThat(LiftedModels.forwardRequest("nomask").textMaskRows()).isZero();
    assertThat(LiftedModels.forwardRequest("skipy").textMaskRows()).isZero();
  }

  @Test
  void sampleRequestFollowsFromTheInputsAndSettings() {
    SampleRequest request = RequestOfInputs.sample(
        LiftedModels.golden("sample-cond"),
        LiftedModels.sizes("sample-cond", "inputs"),
        LiftedModels.sampler("sample-cond"));

    assertThat(request)
        .isEqualTo(new SampleRequest(1, new LatentShape(4, 4, 4), true, true, 1000, true, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x        | 2 5 3 6 10 | 'x' has sizes [2, 5, 3, 6, 10], expected [B, 4, T, H, W]",
        "x        | 2 4 3 6    | 'x' has sizes [2, 4, 3, 6], expected [B, 4, T, H, W]",
        "x        | 2 4 0 6 10 | 'x' has sizes [2, 4, 0, 6, 10]",
        "timestep | 3          | 'timestep' has sizes [3], expected [2]",
        "y        | 2 1 7 24   | 'y' has 7 tokens, expected at most 6",
        "y        | 2 1 6 23   | 'y' has sizes [2, 1, 6, 23], expected [2, 1, L, 24]",
        "mask     | 2 5        | 'mask' has sizes [2, 5], expected [R, 6]",
        "mask     | 3 6        | 'mask' has 3 rows, expected a divisor of the batch of 2",
        "x_mask   | 2 4        | 'x_mask' has sizes [2, 4], expected [2, 3]",
        "fps      | 2 1        | 'fps' has sizes [2, 1], expected [2]",
        "hieght   | 2          | 'hieght' is not known, nearest is 'height'",
        "y_lens   | 2          | 'y_lens' is not known",
      })
  void misshapenInputIsNamedWithWhatWasExpected(String name, String sizes, String message) {
    Map<String, List<Long>> inputs = LiftedModels.sizes("tiny", "inputs");
    inputs.put(name, List.of(sizes.split(" ")).stream().map(Long::valueOf).toList());

    assertThat(problems(inputs)).contains(message);
  }

  @ParameterizedTest
  @CsvSource({"x", "timestep", "y", "fps", "height", "width"})
  void missingInputIsNamed(String name) {
    Map<String, List<Long>> inputs = LiftedModels.sizes("tiny", "inputs");
    inputs.remove(name);

    assertThat(problems(inputs)).contains("'" + name + "' is missing");
  }

  @Test
  void allProblemsAreToldAtOnce() {
    assertThat(problems(new LinkedHashMap<>()))
        .contains("'x' is missing, expected sizes [B, 4, T, H, W]", "'y'", "'width'");
  }

  @Test
  void noiseNeedsAConditionAndOneDrawPerStep() {
    Map<String, List<Long>> inputs = LiftedModels.sizes("sample-cond", "inputs");
    SamplerSettings settings = LiftedModels.sampler("sample-cond");
    inputs.put("noise_draws", List.of(settings.steps() - 1L, 1L, 4L, 4L, 4L, 4L));
    inputs.remove("cond_mask");

    UserError error = catchThrowableOfType(
        UserError.class,
        () -> RequestOfInputs.sample(LiftedModels.golden("sample-cond"), inputs, settings));

    assertThat(error.code()).isEqualTo("IM0506");
    assertThat(error.getMessage())
        .contains("expected [6, 1, 4, 4, 4, 4]", "'noise_draws' comes without 'cond_mask'");
  }

  private static String problems(Map<String, List<Long>> inputs) {
    UserError error = catchThrowableOfType(
        UserError.class, () -> RequestOfInputs.forward(TINY, inputs, List.of()));
    assertThat(error.code()).isEqualTo("IM0506");
    return error.getMessage();
  }
}
