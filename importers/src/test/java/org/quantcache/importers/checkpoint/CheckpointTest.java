package org.quantcache.importers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;

final class CheckpointTest {
  private static final StditConfig TINY = StditConfig.TINY;

  @TempDir
  Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny",
        "nomask",
        "pad",
        "xmask",
        "head72",
        "plain",
        "skipy",
        "sample-rflow",
        "sample-plain",
        "sample-cond"
      })
  void everyReferenceModelOpensWithExactlyTheTensorsOfItsLayout(String name) {
    try (Checkpoint checkpoint = Checkpoint.open(TestModel.GOLDEN.resolve(name))) {
      assertThat(checkpoint.name()).isEqualTo(name);
      assertThat(checkpoint.notes()).isEmpty();
      Map<String, List<Long>> layout = CheckpointLayout.of(checkpoint.config()).shapes();
      assertThat(checkpoint.weights().keys()).containsExactlyInAnyOrderElementsOf(layout.keySet());
    }
  }

  /** Counts and sums of model section 4. */
  @Test
  void thePublishedModelsHaveTheStatedNumbersOfTensorsAndElements() {
    assertThat(CheckpointLayout.of(StditConfig.XL_2).shapes()).hasSize(973);
    assertThat(elements(StditConfig.XL_2)).isEqualTo(1_208_872_772L);
    assertThat(CheckpointLayout.of(StditConfig.THREE_B_2).shapes()).hasSize(973);
    assertThat(elements(StditConfig.THREE_B_2)).isEqualTo(3_183_440_372L);
  }

  @Test
  void theRotationFrequenciesMayBeAbsentAndRelicsOfOldVersionsAreToldAndIgnored()
      throws IOException {
    Map<String, List<Long>> shapes = TestModel.shapes(TINY);
    shapes.remove("rope.freqs");
    shapes.put("rope.dummy", List.of(0L));
    shapes.put("pos_embed_temporal", List.of(1L, 2L));
    try (Checkpoint checkpoint =
        Checkpoint.open(TestModel.write(folder, TINY, StoredType.F32, shapes))) {
      assertThat(checkpoint.notes())
          .containsExactly("tensors without a meaning here: rope.dummy, pos_embed_temporal");
    }
  }

  @Test
  void missingExtraAndMisshapenTensorsAreListedAllAtOnce() throws IOException {
    Map<String, List<Long>> shapes = TestModel.shapes(TINY);
    shapes.remove("temporal_blocks.1.mlp.fc2.bias");
    shapes.put("temporal_blocks.1.mlp.fc2.bas", List.of(32L));
    shapes.put("t_block.1.weight", List.of(32L, 192L));
    shapes.remove("final_layer.linear.weight");
    shapes.put("ema_decay", List.of());
    TestModel.write(folder, TINY, StoredType.F32, shapes);
    assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOfSatisfying(UserError.class, e -> {
      assertThat(e.code()).isEqualTo("IM0302");
      assertThat(e)
          .hasMessageContaining("(5)")
          .hasMessageContaining(
              "missing 'temporal_blocks.1.mlp.fc2.bias' [32], nearest is 'temporal_blocks.1.mlp.fc2.bas'")
          .hasMessageContaining("missing 'final_layer.linear.weight' [32, 32]")
          .hasMessageContaining("'t_block.1.weight' has sizes [32, 192], expected [192, 32]")
          .hasMessageContaining("'temporal_blocks.1.mlp.fc2.bas' is no tensor of this model")
          .hasMessageContaining("'ema_decay' is no tensor of this model");
    });
  }

  /** A name that has its own place is no help in finding a missing one. */
  @Test
  void aTensorOfTheModelIsNotOfferedInPlaceOfAMissingOne() throws IOException {
    Map<String, List<Long>> shapes = TestModel.shapes(TINY);
    shapes.remove("spatial_blocks.0.attn.proj.bias");
    TestModel.write(folder, TINY, StoredType.F32, shapes);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("missing 'spatial_blocks.0.attn.proj.bias' [32]")
        .hasMessageNotContaining("nearest");
  }

  @Test
  void aWrongConfigurationShowsAsManyProblemsAsAScreenHolds() throws IOException {
    TestModel.write(
        folder,
        ConfigReader.override(TINY, Map.of("depth", "28")),
        StoredType.F32,
        TestModel.shapes(TINY));
    assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOfSatisfying(UserError.class, e -> {
      assertThat(e.code()).isEqualTo("IM0302");
      assertThat(e.getMessage().lines()).hasSize(42);
      assertThat(e).hasMessageContaining("... and 844 more");
    });
  }

  @ParameterizedTest
  @EnumSource(StoredType.class)
  void onlyFloatKindsAreWeights(StoredType type) throws IOException {
    TestModel.write(folder, TINY, type, TestModel.shapes(TINY));
    if (type.scalar().isFloat()) {
      Checkpoint.open(folder).close();
    } else {
      assertThatThrownBy(() -> Checkpoint.open(folder))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("of kind " + type + ", expected a float kind");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, 6, 7, 20})
  void theNullTextIsCutOrRepeatsItsLastRowUntilItHasItsLength(long rows) throws IOException {
    Map<String, List<Long>> shapes = TestModel.shapes(TINY);
    shapes.put("y_embedder.y_embedding", List.of(rows, 24L));
    TestModel.write(folder, TINY, StoredType.F32, shapes);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.notes()).hasSize(rows == 6 ? 0 : 1);
      TensorData data = checkpoint.weights().find("y_embedder.y_embedding").orElseThrow();
      assertThat(data.info().shape()).containsExactly(6L, 24L);
      assertThat(data.info().elements()).isEqualTo(144);
      float[] expected = new float[144];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = Math.min(i / 24, rows - 1) * 24 + i % 24;
      }
      for (int first = 0; first < 144; first++) {
        int count = 144 - first;
        float[] part = new float[count];
        data.readFloats(first, part, count);
        assertThat(part).isEqualTo(Arrays.copyOfRange(expected, first, 144));
      }
      assertThatThrownBy(() -> data.bytes(573, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void aNullTextOfNoRowsOrOfAnotherWidthIsMisshapen() throws IOException {
    for (List<Long> shape :
        List.of(List.of(0L, 24L), List.of(6L, 23L), List.of(144L), List.of(1L, 6L, 24L))) {
      Map<String, List<Long>> shapes = TestModel.shapes(TINY);
      shapes.put("y_embedder.y_embedding", shape);
      TestModel.write(folder, TINY, StoredType.F32, shapes);
      assertThatThrownBy(() -> Checkpoint.open(folder))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("'y_embedder.y_embedding' has sizes " + shape);
    }
  }

  @Test
  void aFolderThatHoldsNoModelIsOneCodedError() throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("absent")))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0301"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0201"));
    Files.writeString(folder.resolve("config.json"), "{}");
    assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOfSatisfying(UserError.class, e -> {
      assertThat(e.code()).isEqualTo("IM0101");
      assertThat(e).hasMessageContaining("model.safetensors");
    });
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("config.json")))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0301"));
  }

  private static long elements(StditConfig config) {
    return CheckpointLayout.of(config).shapes().values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
        .sum();
  }
}
