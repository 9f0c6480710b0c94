package org.quantcache.importers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.StoredType;

final class SynthModelTest {
  private static final StditConfig TINY = StditConfig.TINY;

  @TempDir
  Path folder;

  @ParameterizedTest
  @EnumSource(
      value = StoredType.class,
      names = {"F32", "F16", "BF16"})
  void aModelOfEachKindOpensAndHasItsConfiguration(StoredType type) {
    new SynthModel(TINY, type, 1).write(folder, bytes -> {});
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.config()).isEqualTo(TINY);
      assertThat(checkpoint.notes()).isEmpty();
      assertThat(
              checkpoint.weights().find("t_block.1.weight").orElseThrow().info().type())
          .isEqualTo(type);
    }
  }

  @Test
  void everyVariantOfTheGraphHasAModel() {
    StditConfig plain =
        new StditConfig(48, 1, 4, List.of(2, 2, 2), 3, 2.5, false, 5, 3, false, 256, true);
    new SynthModel(plain, StoredType.F32, 1).write(folder, bytes -> {});
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.config()).isEqualTo(plain);
    }
  }

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws IOException {
    byte[] first = bytesOf(write("a", 5));
    assertThat(bytesOf(write("b", 5))).isEqualTo(first);
    assertThat(bytesOf(write("c", 6))).isNotEqualTo(first);
  }

  /** The numbers belong to the name of a tensor, so that models of other depth share their first blocks. */
  @Test
  void aTensorDependsOnSeedAndNameAlone() {
    new SynthModel(TINY, StoredType.F32, 5).write(folder.resolve("a"), bytes -> {});
    new SynthModel(ConfigReader.override(TINY, Map.of("depth", "1")), StoredType.F32, 5)
        .write(folder.resolve("b"), bytes -> {});
    String key = "temporal_blocks.0.mlp.fc1.weight";
    assertThat(TestModel.floats(TestModel.single(folder.resolve("a")), key))
        .isEqualTo(TestModel.floats(TestModel.single(folder.resolve("b")), key));
  }

  @Test
  void numbersHaveTheStatedSpread() {
    write("a", 9);
    SafeTensorsFile weights = TestModel.single(folder.resolve("a"));
    float[] linear = TestModel.floats(weights, "spatial_blocks.0.mlp.fc2.weight");
    double squares = 0;
    double sum = 0;
    for (float value : linear) {
      squares += value * value;
      sum += value;
    }
    assertThat(Math.sqrt(squares / linear.length))
        .isBetween(0.97 * 0.7 / Math.sqrt(128), 1.03 * 0.7 / Math.sqrt(128));
    assertThat(sum / linear.length).isBetween(-0.005, 0.005);
    for (float value : TestModel.floats(weights, "spatial_blocks.0.attn.q_norm.weight")) {
      assertThat(value).isBetween(0.9f, 1.1f);
    }
    for (float value : TestModel.floats(weights, "final_layer.scale_shift_table")) {
      assertThat(value).isBetween(-0.1f, 0.1f);
    }
    for (float value : TestModel.floats(weights, "y_embedder.y_embedding")) {
      assertThat(value).isBetween(-1f, 1f);
    }
  }

  @Test
  void rotationFrequenciesAreThoseOfTheOriginal() {
    write("a", 9);
    float[] original =
        TestModel.floats(TestModel.single(TestModel.GOLDEN.resolve("tiny")), "rope.freqs");
    assertThat(TestModel.floats(TestModel.single(folder.resolve("a")), "rope.freqs"))
        .containsExactly(original, Offset.offset(1e-6f));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5_000, 100_000, Long.MAX_VALUE})
  void shardsHoldTheSameTensorsAsOneFile(long maxShardBytes) throws IOException {
    Path one = write("one", 3);
    Path shards = folder.resolve("shards");
    new SynthModel(TINY, StoredType.F32, 3).writeSharded(shards, maxShardBytes, bytes -> {});
    try (Checkpoint whole = Checkpoint.open(one);
        Checkpoint parts = Checkpoint.open(shards)) {
      assertThat(parts.weights().keys())
          .containsExactlyInAnyOrderElementsOf(whole.weights().keys());
      for (String key : whole.weights().keys()) {
        assertThat(TestModel.floats(parts.weights(), key))
            .as("%s", key)
            .isEqualTo(TestModel.floats(whole.weights(), key));
      }
    }
    assertNoShardIsLargerThan(shards, maxShardBytes);
  }

  private static void assertNoShardIsLargerThan(Path shards, long maxShardBytes)
      throws IOException {
    for (String name : names(shards)) {
      if (name.endsWith(".safetensors")) {
        try (SafeTensorsFile file = SafeTensorsFile.open(shards.resolve(name))) {
          long bytes =
              file.tensors().values().stream().mapToLong(t -> t.bytes()).sum();
          assertThat(bytes <= maxShardBytes || file.tensors().size() == 1)
              .as("%s", name)
              .isTrue();
        }
      }
    }
  }

  @Test
  void progressGrowsUpToTheBytesOfAllTensors() {
    SynthModel model = new SynthModel(TINY, StoredType.BF16, 3);
    List<Long> seen = new ArrayList<>();
    model.writeSharded(folder, 50_000, seen::add);
    assertThat(seen).isSorted().doesNotHaveDuplicates();
    assertThat(seen.get(seen.size() - 1)).isEqualTo(model.dataBytes());
  }

  @Test
  void aTensorOfSeveralChunksHasNoSeams() {
    StditConfig wide =
        ConfigReader.override(TINY, Map.of("caption_channels", "20000", "depth", "1"));
    new SynthModel(wide, StoredType.F32, 3).write(folder, bytes -> {});
    float[] values = TestModel.floats(TestModel.single(folder), "y_embedder.y_proj.fc1.weight");
    assertThat(values).hasSize(640_000);
    int equal = 0;
    for (int i = 1 << 18; i < values.length; i++) {
      equal += values[i] == values[i - (1 << 18)] ? 1 : 0;
    }
    assertThat(equal).isLessThan(100);
  }

  @Test
  void shardsAreNotWrittenBesideAModelThatWouldHideThem() {
    write("a", 1);
    assertThatThrownBy(() -> new SynthModel(TINY, StoredType.F32, 2)
            .writeSharded(folder.resolve("a"), 1000, b -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0402"));
  }

  @Test
  void aFailureOnTheWayLeavesNothing() throws IOException {
    Path target = folder.resolve("a");
    for (long stopAt : new long[] {1, 100_000, 300_000}) {
      assertThatThrownBy(() -> new SynthModel(TINY, StoredType.F32, 2)
              .writeSharded(target, 50_000, done -> {
                if (done >= stopAt) {
                  throw new IllegalStateException("stop");
                }
              }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(target).doesNotExist();
    }
  }

  @Test
  void aFailureLeavesAnOlderModelAsItWas() throws IOException {
    byte[] before = bytesOf(write("a", 1));
    assertThatThrownBy(
            () -> new SynthModel(TINY, StoredType.F32, 2).write(folder.resolve("a"), done -> {
              throw new IllegalStateException("stop");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(bytesOf(folder.resolve("a"))).isEqualTo(before);
    assertThat(names(folder.resolve("a"))).containsExactly("config.json", "model.safetensors");
  }

  @Test
  void aModelLargerThanTheDiskIsRefusedBeforeAnythingIsWritten() throws IOException {
    StditConfig huge = ConfigReader.override(
        StditConfig.XL_2,
        Map.of("hidden_size", "1048576", "depth", "1000", "num_heads", "4096", "mlp_ratio", "1.0"));
    assertThatThrownBy(
            () -> new SynthModel(huge, StoredType.F32, 2).write(folder.resolve("a"), done -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0403"));
    assertThat(folder.resolve("a")).doesNotExist();
  }

  @Test
  void wrongRequestsAreCodedErrors() throws IOException {
    assertThatThrownBy(() -> new SynthModel(TINY, StoredType.I8, 1))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0401"));
    assertThatThrownBy(
            () -> new SynthModel(TINY, StoredType.F32, 1).writeSharded(folder, 0, b -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0402"));
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> new SynthModel(TINY, StoredType.F32, 1).write(file, b -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0301"));
  }

  private Path write(String name, long seed) {
    Path target = folder.resolve(name);
    new SynthModel(TINY, StoredType.F32, seed).write(target, bytes -> {});
    return target;
  }

  private static byte[] bytesOf(Path model) throws IOException {
    return Files.readAllBytes(model.resolve("model.safetensors"));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
