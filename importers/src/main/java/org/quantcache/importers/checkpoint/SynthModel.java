package org.quantcache.importers.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.weights.SafeTensorsWriter;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorInfo;

/**
 * Seeded random checkpoints in the real layout and naming, of any size; the numbers are those of {@link SynthValues}
 * and do not depend on how they are split into files. Data is streamed: memory use does not grow with the model. A
 * failure leaves none of the files of the attempt.
 */
public final class SynthModel {
  private final StditConfig config;
  private final StoredType type;
  private final long seed;

  /** A generator. @throws UserError IM0401 when {@code type} is no float kind of a checkpoint */
  public SynthModel(StditConfig config, StoredType type, long seed) {
    if (type != StoredType.F32 && type != StoredType.F16 && type != StoredType.BF16) {
      throw UserError.of("IM0401", "checkpoints are written as F32, F16 or BF16, found %s", type);
    }
    this.config = config;
    this.type = type;
    this.seed = seed;
  }

  /** Bytes of all tensors: the number that progress ends at. */
  public long dataBytes() {
    return declare(CheckpointLayout.of(config).shapes()).declared().stream()
        .mapToLong(TensorInfo::bytes)
        .sum();
  }

  /**
   * Writes {@code config.json} and {@code model.safetensors} into {@code directory}, which is made when missing.
   *
   * @param progress told of the tensor bytes written so far
   * @throws UserError IM0403 when the disk has too little room, RT0301 when a file cannot be written
   */
  public void write(Path directory, LongConsumer progress) {
    Map<String, List<Long>> all = CheckpointLayout.of(config).shapes();
    writeFiles(directory, Map.of(Checkpoint.SINGLE, all), progress);
  }

  /**
   * Writes {@code config.json}, {@code model-00001-of-0000N.safetensors} ... and their index. Tensors stay in order; a
   * file holds as many as fit, at least one.
   *
   * @param maxShardBytes most tensor bytes of one file
   * @param progress told of the tensor bytes written so far
   * @throws UserError IM0402 when the folder holds an unsharded model, which would be read in place of this one;
   *     IM0403, RT0301 as {@link #write}
   */
  public void writeSharded(Path directory, long maxShardBytes, LongConsumer progress) {
    if (maxShardBytes < 1) {
      throw UserError.of(
          "IM0402", "shards of %d bytes asked for, expected at least 1", maxShardBytes);
    }
    if (Files.exists(directory.resolve(Checkpoint.SINGLE))) {
      throw UserError.of("IM0402", "%s already holds a %s", directory, Checkpoint.SINGLE)
          .withHint("write shards into a new folder");
    }
    writeFiles(directory, shards(maxShardBytes), progress);
  }

  private void writeFiles(
      Path directory, Map<String, Map<String, List<Long>>> files, LongConsumer progress) {
    boolean existed = Files.exists(directory);
    if (existed && !Files.isDirectory(directory)) {
      throw UserError.of("RT0301", "cannot make folder %s: a file of this name is there", directory)
          .withHint("give a folder");
    }
    List<Path> written = new ArrayList<>();
    boolean complete = false;
    try {
      makeRoom(directory);
      SynthValues values = new SynthValues(config.headDim(), type, seed);
      long[] done = new long[1];
      files.forEach((name, tensors) -> {
        SafeTensorsWriter writer = declare(tensors);
        AtomicFile.write(
            directory.resolve(name),
            channel -> writer.write(
                channel,
                (tensor, out) ->
                    values.write(tensor, out, bytes -> progress.accept(done[0] += bytes))));
        written.add(directory.resolve(name));
      });
      if (!files.containsKey(Checkpoint.SINGLE)) {
        AtomicFile.write(directory.resolve(Checkpoint.INDEX), json(index(files)));
        written.add(directory.resolve(Checkpoint.INDEX));
      }
      AtomicFile.write(directory.resolve(Checkpoint.CONFIG), json(configJson()));
      complete = true;
    } finally {
      if (!complete) {
        discard(written, existed ? List.of() : List.of(directory));
      }
    }
  }

  private void makeRoom(Path directory) {
    try {
      Files.createDirectories(directory);
      long room = Files.getFileStore(directory).getUsableSpace();
      if (room < dataBytes()) {
        throw UserError.of(
                "IM0403",
                "the model needs %d bytes, the disk of %s has room for %d",
                dataBytes(),
                directory,
                room)
            .withHint("free some space or choose another folder");
      }
    } catch (IOException e) {
      throw UserError.of("RT0301", "cannot make folder %s: %s", directory, e.getMessage())
          .causedBy(e);
    }
  }

  private static void discard(List<Path> files, List<Path> folders) {
    for (List<Path> paths : List.of(files, folders)) {
      for (Path path : paths) {
        try {
          Files.deleteIfExists(path);
        } catch (IOException e) {
          // The failure that is being reported matters more than what could not be removed.
          continue;
        }
      }
    }
  }

  private Map<String, Map<String, List<Long>>> shards(long maxShardBytes) {
    List<Map<String, List<Long>>> shards = new ArrayList<>();
    long room = 0;
    for (Map.Entry<String, List<Long>> tensor :
        CheckpointLayout.of(config).shapes().entrySet()) {
      long bytes = tensor.getValue().stream().reduce((long) type.bytes(), Math::multiplyExact);
      if (shards.isEmpty() || bytes > room) {
        shards.add(new LinkedHashMap<>());
        room = maxShardBytes;
      }
      shards.get(shards.size() - 1).put(tensor.getKey(), tensor.getValue());
      room -= bytes;
    }
    Map<String, Map<String, List<Long>>> files = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      files.put(
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size()),
          shards.get(i));
    }
    return files;
  }

  private SafeTensorsWriter declare(Map<String, List<Long>> tensors) {
    SafeTensorsWriter writer = new SafeTensorsWriter().metadata("format", "pt");
    tensors.forEach((name, shape) -> writer.declare(name, type, shape));
    return writer;
  }

  private ObjectNode index(Map<String, Map<String, List<Long>>> files) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("metadata").put("total_size", dataBytes());
    ObjectNode map = root.putObject("weight_map");
    files.forEach((file, tensors) -> tensors.keySet().forEach(key -> map.put(key, file)));
    return root;
  }

  private ObjectNode configJson() {
    String typeName = switch (type) {
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      default -> "float32";
    };
    return ConfigJson.of(config).put("torch_dtype", typeName);
  }

  private static byte[] json(ObjectNode root) {
    return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
