package org.quantcache.importers.checkpoint;

import com.google.common.collect.ImmutableList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.WeightStore;

/**
 * A model folder: {@code config.json} with {@code model.safetensors} or, for shards,
 * {@code model.safetensors.index.json}. Opening checks that the tensors are those that the configuration needs.
 *
 * @param directory the folder
 * @param config hyper-parameters
 * @param weights memory-mapped tensors; the null text has {@code model_max_length} rows
 * @param notes what was ignored or fitted, for the user to know
 */
public record Checkpoint(
    Path directory, StditConfig config, WeightStore weights, List<String> notes)
    implements AutoCloseable {
  public static final String CONFIG = "config.json";
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  public Checkpoint {
    notes = ImmutableList.copyOf(notes);
  }

  /** Opens a model folder. @throws UserError IM01xx, IM02xx, IM03xx */
  public static Checkpoint open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw UserError.of("IM0301", "no model folder %s", directory)
          .withHint("give the folder that holds config.json and model.safetensors");
    }
    ConfigReader reader = ConfigReader.open(directory.resolve(CONFIG));
    StditConfig config = reader.config();
    WeightStore weights = weights(directory);
    CheckpointLayout layout = CheckpointLayout.of(config);
    layout.check(directory, weights);
    List<String> notes = new ArrayList<>();
    if (!reader.unknownKeys().isEmpty()) {
      notes.add(
          "keys of config.json without a meaning here: " + String.join(", ", reader.unknownKeys()));
    }
    notes.addAll(layout.notes(weights));
    return new Checkpoint(
        directory, config, NullTextRows.fit(weights, config.modelMaxLength()), notes);
  }

  private static WeightStore weights(Path directory) {
    if (Files.exists(directory.resolve(SINGLE))) {
      return SafeTensorsFile.open(directory.resolve(SINGLE));
    }
    if (Files.exists(directory.resolve(INDEX))) {
      return ShardedWeights.open(directory.resolve(INDEX));
    }
    throw UserError.of("IM0101", "%s holds neither %s nor %s", directory, SINGLE, INDEX)
        .withHint("give the folder that holds config.json and model.safetensors");
  }

  /** Name for reports: that of the folder. */
  public String name() {
    Path absolute = directory.toAbsolutePath().normalize();
    return String.valueOf(absolute.getFileName() == null ? absolute : absolute.getFileName());
  }

  @Override
  public void close() {
    weights.close();
  }
}
