package org.quantcache.tools.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;

class TextTableTest {
  private static final String TEXT = """
      {"slots": [
         {"name": "color", "words": ["red", "blue"], "default": "blue"},
         {"name": "speed", "words": ["slow", "fast"], "default": "fast"}],
       "rows": {"red": 0, "blue": 1, "slow": 2, "fast": 3},
       "ignored_words": ["a", "moving"]}
      """;

  @TempDir
  private Path folder;

  /** Row r is r, r + 0.5. */
  private TextTable table() {
    return read(TEXT).orElseThrow();
  }

  private Optional<TextTable> read(String text) {
    try {
      Files.writeString(folder.resolve("text.json"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Tensor rows = Tensor.of(List.of(4L, 2L), 0f, 0.5f, 1f, 1.5f, 2f, 2.5f, 3f, 3.5f);
    TensorFile.write(folder.resolve("text.safetensors"), Map.of("embedding", rows));
    return SampleModel.of(folder).text();
  }

  private static void assertError(String code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @ParameterizedTest
  @CsvSource({
    "red slow, red, slow",
    "slow red, red, slow",
    "a RED moving   Slow!, red, slow",
    "'', blue, fast",
    "red, red, fast",
    "slow, blue, slow",
    "red red red, red, fast",
    "'red, slow.', red, slow"
  })
  void wordsFillTheirSlotsAndDefaultsTheRest(String prompt, String color, String speed) {
    assertThat(table().words(prompt)).containsExactly(color, speed);
  }

  @Test
  void promptsBecomeRowsOfTheEmbedding() {
    Tensor y = table().encode(List.of("red slow", "fast"));

    assertThat(y.sizes()).containsExactly(2L, 1L, 2L, 2L);
    assertThat(y.floats()).containsExactly(0f, 0.5f, 2f, 2.5f, 1f, 1.5f, 3f, 3.5f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"green", "red green", "re", "reds", "0", "é"})
  void unknownWordIsRefusedWithTheKnownOnes(String prompt) {
    assertThatThrownBy(() -> table().encode(List.of("red", prompt)))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CL0301");
          assertThat(e.hint()).contains("color: red, blue", "speed: slow, fast");
        });
  }

  @Test
  void wordWithAMistakeNamesTheNearest() {
    assertThatThrownBy(() -> table().words("bleu"))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.hint()).startsWith("did you mean 'blue'?"));
  }

  @Test
  void twoWordsOfOneKindAreRefused() {
    assertError("CL0302", () -> table().words("red blue"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"blue\": 1 | \"blue\": 4",
        "\"blue\": 1 | \"blue\": -1",
        "\"blue\": 1 | \"blue\": null",
        "\"blue\": 1 | \"green\": 1",
        "\"blue\": 1 | \"blue\": \"x\"",
        "\"default\": \"blue\" | \"default\": \"green\"",
        "\"default\": \"blue\" | \"default\": null",
        "\"words\": [\"red\", \"blue\"] | \"words\": null",
        "\"words\": [\"red\", \"blue\"] | \"words\": [null]",
        "\"name\": \"color\" | \"name\": null",
        "\"slots\" | \"slits\"",
        "\"rows\" | \"lines\"",
        "\"ignored_words\" | \"words\"",
        "{\"slots\" | [\"slots\""
      })
  void wrongTablesAreRefused(String before, String after) {
    assertThat(TEXT).contains(before);

    assertError("CL0303", () -> read(TEXT.replace(before, after)));
  }

  @Test
  void missingAndMisshapenEmbeddingsAreRefused() throws IOException {
    table();
    Path embedding = folder.resolve("text.safetensors");
    TensorFile.write(embedding, Map.of("rows", Tensor.of(List.of(4L, 2L), new float[8])));
    assertError("CL0303", () -> SampleModel.of(folder));
    TensorFile.write(embedding, Map.of("embedding", Tensor.of(List.of(8L), new float[8])));
    assertError("CL0303", () -> SampleModel.of(folder));
    TensorFile.write(embedding, Map.of("embedding", Tensor.of(List.of(3L, 2L), new float[6])));
    assertError("CL0303", () -> SampleModel.of(folder));
    Files.delete(embedding);
    assertError("IM0101", () -> SampleModel.of(folder));
  }

  @Test
  void tableSurvivesTheManifestOfAnArtifact() {
    table();
    SampleModel sample = SampleModel.of(folder);

    assertThat(SampleModel.of(sample.settings())).isEqualTo(sample);
  }
}
