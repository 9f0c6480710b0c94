package org.quantcache.importers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;

final class ShardedWeightsTest {
  @TempDir
  Path folder;

  @BeforeEach
  void writeTwoShards() {
    TestModel.writeTensors(folder.resolve("one"), StoredType.F32, Map.of("a", List.of(2L)));
    TestModel.writeTensors(folder.resolve("two"), StoredType.F32, Map.of("b", List.of(3L)));
  }

  @Test
  void tensorsComeFromTheShardThatTheIndexNames() throws IOException {
    try (ShardedWeights weights =
        open("{\"metadata\":{\"total_size\":20},\"weight_map\":{\"b\":\"two\",\"a\":\"one\"}}")) {
      assertThat(weights.keys()).containsExactly("b", "a");
      assertThat(TestModel.floats(weights, "a")).containsExactly(0, 1);
      assertThat(TestModel.floats(weights, "b")).containsExactly(0, 1, 2);
      assertThat(weights.find("c")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../one", "/etc/passwd", "sub/one", "..", "..\\\\one", "a\\u0000b", "", "..one"})
  void aShardOutsideOfTheFolderIsRefused(String name) {
    refuses("IM0121", "{\"weight_map\":{\"a\":\"" + name + "\"}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "IM0121|{'weight_map':{'a':5}}",
        "IM0121|{'weight_map':{'a':null}}",
        "IM0121|{'weight_map':{'a':['one']}}",
        "IM0101|{'weight_map':{'a':'three'}}",
        "IM0101|{'weight_map':{'a':'.'}}",
        "IM0122|{'weight_map':{'a':'one','b':'one'}}",
        "IM0122|{'weight_map':{'a':'two','b':'one'}}",
        "IM0122|{'weight_map':{'a':'one','c':'two'}}",
        "IM0120|{'weight_map':{'a':'one','a':'one'}}",
        "IM0120|{'weight_map':{'a':'one'}} x",
        "IM0120|{'weight_map':[]}",
        "IM0120|{}",
        "IM0120|[]",
        "IM0120|``",
        "IM0120|{'weight_map':{'a':NaN}}",
      })
  void aWrongIndexIsOneCodedError(String code, String text) {
    refuses(code, text.replace('\'', '"'));
  }

  @Test
  void aTensorInTwoShardsOrOneThatTheIndexDoesNotNameIsRefused() {
    TestModel.writeTensors(
        folder.resolve("both"), StoredType.F32, Map.of("a", List.of(2L), "b", List.of(3L)));
    refuses("IM0123", "{\"weight_map\":{\"a\":\"one\",\"b\":\"both\"}}");
    refuses("IM0123", "{\"weight_map\":{\"a\":\"both\"}}");
  }

  @Test
  void aDamagedShardNamesItsFile() throws IOException {
    Files.write(folder.resolve("one"), new byte[4]);
    assertThatThrownBy(() -> open("{\"weight_map\":{\"a\":\"one\"}}"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(folder.resolve("one").toString());
  }

  private void refuses(String code, String index) {
    assertThatThrownBy(() -> open(index))
        .as("%s", index)
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private ShardedWeights open(String index) throws IOException {
    return ShardedWeights.open(
        Files.writeString(folder.resolve("model.safetensors.index.json"), index));
  }
}
