package org.quantcache.importers.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;

/** Tensors spread over several safetensors files, found through {@code model.safetensors.index.json}. */
public final class ShardedWeights implements WeightStore {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private static final Pattern FILE_NAME = Pattern.compile("[^/\\\\\\p{Cntrl}]+");

  private final Map<String, SafeTensorsFile> shardOf;

  private ShardedWeights(Map<String, SafeTensorsFile> shardOf) {
    this.shardOf = ImmutableMap.copyOf(shardOf);
  }

  /** Opens an index and its shards. @throws UserError IM012x */
  public static ShardedWeights open(Path index) {
    JsonNode map = weightMap(index);
    Map<String, SafeTensorsFile> files = new LinkedHashMap<>();
    Map<String, SafeTensorsFile> shardOf = new LinkedHashMap<>();
    List<String> absent = new ArrayList<>();
    map.properties().forEach(entry -> {
      String name = shardName(index, entry.getKey(), entry.getValue());
      SafeTensorsFile file =
          files.computeIfAbsent(name, n -> SafeTensorsFile.open(index.resolveSibling(n)));
      if (!file.tensors().containsKey(entry.getKey())) {
        absent.add(entry.getKey() + " (" + name + ")");
      }
      shardOf.put(entry.getKey(), file);
    });
    if (!absent.isEmpty()) {
      throw UserError.of(
          "IM0122", "%s names tensors that their shards do not hold: %s", index, absent);
    }
    for (Map.Entry<String, SafeTensorsFile> file : files.entrySet()) {
      for (String key : file.getValue().keys()) {
        if (shardOf.get(key) != file.getValue()) {
          throw UserError.of(
              "IM0123",
              "tensor '%s' of shard %s is not the one that %s names",
              key,
              file.getKey(),
              index);
        }
      }
    }
    return new ShardedWeights(shardOf);
  }

  @Override
  public Set<String> keys() {
    return shardOf.keySet();
  }

  @Override
  public Optional<TensorData> find(String key) {
    SafeTensorsFile file = shardOf.get(key);
    return file == null ? Optional.empty() : file.find(key);
  }

  @Override
  public void close() {
    shardOf.values().forEach(SafeTensorsFile::close);
  }

  /** A plain file name: whatever leaves the folder is refused. */
  private static String shardName(Path index, String key, JsonNode shard) {
    String name = shard.isTextual() ? shard.textValue() : "";
    if (!FILE_NAME.matcher(name).matches() || name.startsWith("..")) {
      throw UserError.of(
          "IM0121",
          "%s puts '%s' into %s, expected the name of a file in the same folder",
          index,
          key,
          shard);
    }
    return name;
  }

  private static JsonNode weightMap(Path index) {
    try {
      if (Files.size(index) > SafeTensorsFile.MAX_HEADER_BYTES) {
        throw UserError.of(
            "IM0120",
            "%s has %d bytes, expected at most %d",
            index,
            Files.size(index),
            SafeTensorsFile.MAX_HEADER_BYTES);
      }
      JsonNode root = JSON.readTree(Files.readAllBytes(index));
      JsonNode map = root == null ? null : root.get("weight_map");
      if (map == null || !map.isObject()) {
        throw UserError.of("IM0120", "%s has no object 'weight_map'", index);
      }
      return map;
    } catch (JsonProcessingException e) {
      throw UserError.of("IM0120", "%s: %s", index, e.getOriginalMessage());
    } catch (IOException e) {
      throw UserError.of("IM0120", "%s cannot be read: %s", index, e.getMessage())
          .causedBy(e);
    }
  }
}
