package org.quantcache.importers.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.WeightStore;

/**
 * A model folder: {@code config.json} with {@code model.safetensors} or, for shards,
 * {@code model.safetensors.index.json}. Opening checks that the tensors are those that the configuration needs.
 *
 * @param directory the folder
 * @param config hyper-parameters
 * @param weights memory-mapped tensors
 */
public record Checkpoint(Path directory, StditConfig config, WeightStore weights) implements AutoCloseable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** Opens a model folder. @throws UserError IM01xx, IM02xx, IM03xx */
  public static Checkpoint open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw UserError.of("IM0301", "no model folder %s", directory)
          .withHint("give the folder that holds config.json and model.safetensors");
    }
    StditConfig config = ConfigReader.read(directory.resolve("config.json"));
    WeightStore weights = Files.exists(directory.resolve(INDEX)) && !Files.exists(directory.resolve(SINGLE))
        ? ShardedWeights.open(directory.resolve(INDEX))
        : SafeTensorsFile.open(directory.resolve(SINGLE));
    CheckpointLayout.of(config).check(directory, weights);
    return new Checkpoint(directory, config, weights);
  }

  /** Name for reports: that of the folder. */
  public String name() {
    return directory.toAbsolutePath().normalize().getFileName().toString();
  }

  @Override
  public void close() {
    weights.close();
  }
}
