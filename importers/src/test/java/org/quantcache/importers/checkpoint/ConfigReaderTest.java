package org.quantcache.importers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;

final class ConfigReaderTest {
  @TempDir
  Path folder;

  @Test
  void anEmptyConfigurationIsThePublishedModel() throws IOException {
    assertThat(read("{}")).isEqualTo(StditConfig.XL_2);
    assertThat(StditConfig.XL_2.headDim()).isEqualTo(72);
    assertThat(StditConfig.XL_2.outChannels()).isEqualTo(8);
    assertThat(StditConfig.XL_2.mlpHidden()).isEqualTo(4608);
    assertThat(StditConfig.THREE_B_2.headDim()).isEqualTo(72);
  }

  @Test
  void everyKeyIsRead() throws IOException {
    StditConfig config = read("""
        {"hidden_size": 36, "depth": 3, "num_heads": 6, "patch_size": [2, 1, 4], "in_channels": 5, "mlp_ratio": 2.3,
         "pred_sigma": false, "caption_channels": 7, "model_max_length": 9, "qk_norm": false, "input_sq_size": 256,
         "skip_y_embedder": true}""");
    assertThat(config)
        .isEqualTo(
            new StditConfig(36, 3, 6, List.of(2, 1, 4), 5, 2.3, false, 7, 9, false, 256, true));
    // As Python's int() does: 82.8 is cut, not rounded.
    assertThat(config.mlpHidden()).isEqualTo(82);
    assertThat(config.outChannels()).isEqualTo(5);
    assertThat(config.patchVolume()).isEqualTo(8);
  }

  @Test
  void keysWithoutAMeaningAreIgnoredAndThoseNobodyKnowsAreTold() throws IOException {
    ConfigReader reader = ConfigReader.open(write("""
        {"model_type": "STDiT3", "depth": 4, "drop_path": 0.0, "input_size": [null, null, null], "zeta": NULL,
         "alpha": {"depth": 9}}""".replace("NULL", "null")));
    assertThat(reader.config().depth()).isEqualTo(4);
    assertThat(reader.unknownKeys()).containsExactly("zeta", "alpha");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hidden_size",
        "depth",
        "num_heads",
        "in_channels",
        "caption_channels",
        "model_max_length",
        "input_sq_size"
      })
  void aSizeIsAPositiveWholeNumberOfBoundedSize(String key) throws IOException {
    for (String value : List.of(
        "0",
        "-1",
        "2.5",
        "4.0",
        "1e3",
        "\"4\"",
        "true",
        "null",
        "[4]",
        "{}",
        "1048577",
        "4294967300",
        "9223372036854775808",
        "1" + "0".repeat(400))) {
      assertThatThrownBy(() -> read("{\"" + key + "\": " + value + "}"))
          .as("%s", value)
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("IM0204");
            assertThat(e)
                .hasMessageContaining("'" + key + "'")
                .hasMessageContaining("expected a whole number");
          });
    }
  }

  static Stream<Arguments> wrongValues() {
    return Stream.of(
        arguments("{\"hidden_size\": 1150}", "hidden_size", "multiple of num_heads"),
        arguments(
            "{\"hidden_size\": 12, \"num_heads\": 4}", "hidden_size", "even number of channels"),
        arguments("{\"hidden_size\": 6, \"num_heads\": 1}", "hidden_size", "multiple of 4"),
        arguments(
            "{\"hidden_size\": 8, \"num_heads\": 16}", "hidden_size", "multiple of num_heads"),
        arguments("{\"depth\": 1025}", "depth", "1..1024"),
        arguments("{\"mlp_ratio\": 0}", "mlp_ratio", "positive"),
        arguments("{\"mlp_ratio\": -4.0}", "mlp_ratio", "positive"),
        arguments("{\"mlp_ratio\": 1e999}", "mlp_ratio", "positive"),
        arguments("{\"mlp_ratio\": 1e-300}", "mlp_ratio", "hidden width"),
        arguments("{\"mlp_ratio\": 1e300}", "mlp_ratio", "hidden width"),
        arguments("{\"mlp_ratio\": \"4\"}", "mlp_ratio", "positive"),
        arguments("{\"pred_sigma\": 1}", "pred_sigma", "true or false"),
        arguments("{\"qk_norm\": \"true\"}", "qk_norm", "true or false"),
        arguments("{\"skip_y_embedder\": null}", "skip_y_embedder", "true or false"),
        arguments("{\"patch_size\": 2}", "patch_size", "three whole numbers"),
        arguments("{\"patch_size\": [2, 2]}", "patch_size", "three whole numbers"),
        arguments("{\"patch_size\": [1, 2, 2, 1]}", "patch_size", "three whole numbers"),
        arguments("{\"patch_size\": [1, 0, 2]}", "patch_size", "three whole numbers"),
        arguments("{\"patch_size\": [1, -2, 2]}", "patch_size", "three whole numbers"),
        arguments("{\"patch_size\": [1, 2.0, 2]}", "patch_size", "three whole numbers"),
        arguments("{\"patch_size\": [1, 2, 65]}", "patch_size", "three whole numbers"),
        arguments(
            "{\"patch_size\": {\"a\": 1, \"b\": 2, \"c\": 2}}",
            "patch_size",
            "three whole numbers"));
  }

  @ParameterizedTest
  @MethodSource("wrongValues")
  void aWrongValueNamesItsKeyAndWhatIsExpected(String text, String key, String expected) {
    assertThatThrownBy(() -> read(text)).isInstanceOfSatisfying(UserError.class, e -> {
      assertThat(e.code()).isEqualTo("IM0204");
      assertThat(e).hasMessageContaining("'" + key + "'").hasMessageContaining(expected);
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "+Infinity", "-NaN"})
  void whatIsNoNumberInJsonIsToldInPlainWords(String token) {
    assertThatThrownBy(() -> read("{\n\"mlp_ratio\": " + token + "}"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("IM0202");
          assertThat(e.getMessage()).contains("line 2").doesNotContain("JsonReadFeature");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "5",
        "null",
        "{",
        "{\"depth\": 4,}",
        "{\"depth\": 4} x",
        "{\"depth\": 4, \"depth\": 4}",
        "{'depth': 4}",
        "\u0000"
      })
  void whatIsNoJsonObjectIsOneCodedError(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0202"));
  }

  @Test
  void deepAndMalformedAndLargeFilesAreCodedErrors() throws IOException {
    assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0202"));
    assertThatThrownBy(() -> read(" ".repeat((1 << 20) + 1)))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0201"));
    Path malformed = Files.write(
        folder.resolve("malformed.json"), new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    assertThatThrownBy(() -> ConfigReader.read(malformed))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0202"));
    for (Path noFile : List.of(folder, folder.resolve("absent"))) {
      assertThatThrownBy(() -> ConfigReader.read(noFile))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0201"));
    }
  }

  @Test
  void anotherModelTypeIsRefused() {
    for (String type : List.of("\"STDiT2\"", "\"\"", "3", "true")) {
      assertThatThrownBy(() -> read("{\"model_type\": " + type + "}"))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0203"));
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny,32", "XL/2,1152", "xl/2,1152", "3B/2,1872"})
  void presetsAreFoundByName(String name, int channels) {
    StditConfig preset = StditConfig.preset(name);
    assertThat(preset.hiddenSize()).isEqualTo(channels);
    assertThat(ConfigReader.override(preset, Map.of())).isEqualTo(preset);
  }

  @Test
  void anUnknownPresetIsACodedError() {
    assertThatThrownBy(() -> StditConfig.preset("XXL"))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0205"));
  }

  @Test
  void valuesOfAPresetAreReplacedAndCheckedLikeThoseOfAFile() {
    StditConfig changed = ConfigReader.override(
        StditConfig.XL_2,
        Map.of("depth", "2", "mlp_ratio", "2.5", "qk_norm", "false", "patch_size", "[2,2,2]"));
    assertThat(changed)
        .isEqualTo(new StditConfig(
            1152, 2, 16, List.of(2, 2, 2), 4, 2.5, true, 4096, 300, false, 512, false));
    Map<String, String> codes = Map.of("deph", "IM0206", "depth", "IM0204", "mlp_ratio", "IM0206");
    codes.forEach((key, code) -> assertThatThrownBy(() -> ConfigReader.override(
            StditConfig.TINY, Map.of(key, key.equals("depth") ? "0" : "four")))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo(code)));
    assertThatThrownBy(() -> ConfigReader.override(StditConfig.TINY, Map.of("deph", "2")))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.hint()).contains("'depth'"));
  }

  private StditConfig read(String text) throws IOException {
    return ConfigReader.read(write(text));
  }

  private Path write(String text) throws IOException {
    return Files.write(folder.resolve("config.json"), text.getBytes(StandardCharsets.UTF_8));
  }
}
