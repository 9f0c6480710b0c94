package org.quantcache.importers.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.SafeTensorsWriter;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;

/** Small model folders, right and wrong ones. */
final class TestModel {
  static final Path GOLDEN = Path.of("src/test/resources/golden");

  private TestModel() {}

  /** Writes the configuration and tensors of the given sizes; element {@code i} has the value {@code i}. */
  static Path write(
      Path folder, StditConfig config, StoredType type, Map<String, List<Long>> shapes)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), ConfigJson.of(config).toPrettyString());
    writeTensors(folder.resolve("model.safetensors"), type, shapes);
    return folder;
  }

  static void writeTensors(Path file, StoredType type, Map<String, List<Long>> shapes) {
    SafeTensorsWriter writer = new SafeTensorsWriter();
    shapes.forEach((name, shape) -> writer.declare(name, type, shape));
    AtomicFile.write(
        file,
        channel -> writer.write(channel, (info, out) -> {
          ByteBuffer data = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
          for (int i = 0; type == StoredType.F32 && i < info.elements(); i++) {
            data.putFloat(4 * i, i);
          }
          out.write(data);
        }));
  }

  /** The sizes that {@code config} needs, for a test to change. */
  static Map<String, List<Long>> shapes(StditConfig config) {
    return new LinkedHashMap<>(CheckpointLayout.of(config).shapes());
  }

  static float[] floats(WeightStore weights, String key) {
    TensorData data = weights.find(key).orElseThrow();
    float[] out = new float[(int) data.info().elements()];
    data.readFloats(0, out, out.length);
    return out;
  }

  static SafeTensorsFile single(Path folder) {
    return SafeTensorsFile.open(folder.resolve("model.safetensors"));
  }
}
