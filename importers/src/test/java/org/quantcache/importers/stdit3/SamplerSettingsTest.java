package org.quantcache.importers.stdit3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;

class SamplerSettingsTest {
  @TempDir
  Path folder;

  @Test
  void settingsOfTheOriginalAreRead() {
    assertThat(LiftedModels.sampler("sample-rflow"))
        .isEqualTo(new SamplerSettings(12, 1000, 7.0, true, false));
  }

  @Test
  void missingKeysTakeTheDefaults() throws IOException {
    assertThat(read("{}")).isEqualTo(SamplerSettings.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"num_sampling_steps\": 0}",
        "{\"num_sampling_steps\": 1001}",
        "{\"num_sampling_steps\": 2.5}",
        "{\"num_sampling_steps\": 99999999999}",
        "{\"num_sampling_steps\": \"30\"}",
        "{\"num_sampling_steps\": 1, \"num_sampling_steps\": 2}",
        "{\"num_timesteps\": 0}",
        "{\"cfg_scale\": \"seven\"}",
        "{\"cfg_scale\": 1e999}",
        "{\"use_timestep_transform\": 1}",
        "{\"use_discrete_timesteps\": null}",
        "{\"scheduler\": \"iddpm\"}",
        "{\"cfg_scale\": 7"
      })
  void badSettingsAreOneCodedError(String text) {
    UserError error = catchThrowableOfType(UserError.class, () -> read(text));

    assertThat(error).isNotNull();
    assertThat(error.code()).startsWith("IM060");
  }

  @Test
  void missingFileIsOneCodedError() {
    UserError error = catchThrowableOfType(
        UserError.class, () -> SamplerSettings.read(folder.resolve("none.json")));

    assertThat(error.code()).isEqualTo("IM0601");
  }

  private SamplerSettings read(String text) throws IOException {
    Path file = folder.resolve("sampler.json");
    Files.writeString(file, text);
    return SamplerSettings.read(file);
  }
}
