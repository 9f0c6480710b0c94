package org.quantcache.importers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;

/** A model folder with a damaged file opens or ends in a coded error; nothing else may happen. */
final class CheckpointFuzzTest {
  private static final int ROUNDS = 500;

  @TempDir
  Path folder;

  @Test
  void aDamagedConfiguration() throws IOException {
    new SynthModel(StditConfig.TINY, StoredType.F16, 1).write(folder, bytes -> {});
    damage(folder.resolve("config.json"));
  }

  @Test
  void aDamagedIndex() throws IOException {
    new SynthModel(StditConfig.TINY, StoredType.F16, 1).writeSharded(folder, 100_000, bytes -> {});
    damage(folder.resolve("model.safetensors.index.json"));
  }

  private void damage(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(77);
    byte[] alphabet = {
      '0', '9', '-', '.', 'e', '"', ',', ':', '[', ']', '{', '}', ' ', '/', 0, (byte) 0xff
    };
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = whole.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        int at = random.nextInt(whole.length);
        damaged[at] = random.nextBoolean()
            ? alphabet[random.nextInt(alphabet.length)]
            : (byte) (damaged[at] ^ (1 << random.nextInt(8)));
      }
      Files.write(file, damaged);
      refused += opens() ? 0 : 1;
    }
    assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
  }

  private boolean opens() {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      for (String key : CheckpointLayout.of(checkpoint.config()).shapes().keySet()) {
        TestModel.floats(checkpoint.weights(), key);
      }
      return true;
    } catch (UserError e) {
      assertThat(e.code()).startsWith("IM0");
      return false;
    }
  }
}
