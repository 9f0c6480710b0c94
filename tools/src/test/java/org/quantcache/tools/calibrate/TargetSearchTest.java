package org.quantcache.tools.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Reached;
import org.quantcache.passes.calibration.Target;
import org.quantcache.passes.calibration.Target.Measure;

/** The setting that just reaches a target is found in few tries; one that none reaches is refused. */
class TargetSearchTest {
  /** Setting i is of i dB and 100 / i times as fast. */
  private static final Settings SETTINGS = new Settings(2, 100, Integer::toString);

  private final List<String> tried = new ArrayList<>();

  private Reached measure(String passes) {
    tried.add(passes);
    double i = Double.parseDouble(passes);
    return new Reached(passes, i, 100 / i, i);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "PSNR 2 2",
        "PSNR 1 2",
        "PSNR 34.5 35",
        "PSNR 35 35",
        "PSNR 100 100",
        "SPEEDUP 50 2",
        "SPEEDUP 10 10",
        "SPEEDUP 9.9 10",
        "SPEEDUP 1.01 99",
      })
  void theSettingIsTheOneThatJustReachesIt(Measure measure, double value, String expected) {
    Reached reached = TargetSearch.find(new Target(measure, value), SETTINGS, this::measure);
    assertThat(reached.passes()).isEqualTo(expected);
    assertThat(tried).hasSizeLessThanOrEqualTo(12).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {"PSNR 101 100.00", "SPEEDUP 51 50.00"})
  void whatNoSettingReachesIsRefusedWithTheBest(Measure measure, double value, String best) {
    assertThatThrownBy(() -> TargetSearch.find(new Target(measure, value), SETTINGS, this::measure))
        .isInstanceOfSatisfying(UserError.class, error -> {
          assertThat(error.code()).isEqualTo("CL0610");
          assertThat(error.report()).contains(best, "hint: ");
        });
  }

  @Test
  void aDisturbedTimeDoesNotHideABetterSetting() {
    Reached reached = TargetSearch.find(
        new Target(Measure.SPEEDUP, 9.5),
        SETTINGS,
        passes -> passes.equals("5") ? new Reached(passes, 5, 9.6, 5) : measure(passes));
    assertThat(reached.passes()).isEqualTo("10");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -3, Double.NaN, Double.POSITIVE_INFINITY})
  void aTargetThatSaysNothingIsRefused(double value) {
    for (Measure measure : Measure.values()) {
      assertThatThrownBy(() -> new Target(measure, value))
          .isInstanceOfSatisfying(
              UserError.class, error -> assertThat(error.code()).isEqualTo("PA0603"));
    }
  }

  @Test
  void theBoundsOfACodebookGrowTogether() {
    Settings settings = Settings.codebooks("0.05:8/0.1:4/2", "@none,aigq", false);
    assertThat(settings.passes().apply(settings.first()))
        .isEqualTo("@none,aigq,hlc{codebook=12.8:8/25.6:4/2}");
    assertThat(settings.passes().apply(64)).isEqualTo("@none,aigq,hlc{codebook=0.05:8/0.1:4/2}");
    assertThat(settings.passes().apply(settings.last()))
        .isEqualTo("@none,aigq,hlc{codebook=0.0001953:8/0.0003906:4/2}");
    assertThatThrownBy(() -> Settings.codebooks("0.1:8/0.05:4/2", "@none", true))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("PA0503"));
  }
}
