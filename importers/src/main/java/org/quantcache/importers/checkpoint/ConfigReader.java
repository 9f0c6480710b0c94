package org.quantcache.importers.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Reads {@code config.json}: missing keys take the defaults of the original constructor, unknown ones are ignored, and
 * every value is checked ({@code IM02xx}).
 */
public final class ConfigReader {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_SIZE = 1 << 20;

  private final Path file;
  private final JsonNode root;

  private ConfigReader(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /** Reads and checks a config file. */
  public static StditConfig read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw UserError.of("IM0201", "%s has %d bytes, expected at most %d", file, Files.size(file), MAX_BYTES);
      }
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root == null || !root.isObject()) {
        throw UserError.of("IM0202", "%s is no JSON object", file);
      }
      return new ConfigReader(file, root).config();
    } catch (NoSuchFileException e) {
      throw UserError.of("IM0201", "no file %s", file)
          .withHint("a model folder holds config.json and model.safetensors");
    } catch (JsonProcessingException e) {
      throw UserError.of("IM0202", "%s line %d: %s", file, e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
          e.getOriginalMessage());
    } catch (IOException e) {
      throw UserError.of("IM0201", "%s cannot be read: %s", file, e.getMessage()).causedBy(e);
    }
  }

  private StditConfig config() {
    String type = root.path("model_type").asText("STDiT3");
    if (!type.equals("STDiT3")) {
      throw UserError.of("IM0203", "%s describes a model of type '%s', expected STDiT3", file, type);
    }
    StditConfig config = new StditConfig(
        size("hidden_size", 1152),
        size("depth", 28),
        size("num_heads", 16),
        patch(),
        size("in_channels", 4),
        ratio(),
        flag("pred_sigma", true),
        size("caption_channels", 4096),
        size("model_max_length", 300),
        flag("qk_norm", true),
        size("input_sq_size", 512),
        flag("skip_y_embedder", false));
    if (config.hiddenSize() % config.heads() != 0) {
      throw wrong("hidden_size", config.hiddenSize(), "a multiple of num_heads = " + config.heads());
    }
    if (config.headDim() % 2 != 0) {
      throw wrong("hidden_size", config.hiddenSize(), "an even number of channels per head, for rotation by pairs");
    }
    if (config.hiddenSize() % 4 != 0) {
      throw wrong("hidden_size", config.hiddenSize(), "a multiple of 4, for the position embedding");
    }
    if (config.mlpRatio() * config.hiddenSize() < 1 || config.mlpRatio() * config.hiddenSize() > MAX_SIZE) {
      throw wrong("mlp_ratio", config.mlpRatio(), "a hidden width of 1.." + MAX_SIZE);
    }
    return config;
  }

  private int size(String key, int otherwise) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1 || node.intValue() > MAX_SIZE) {
      throw wrong(key, node, "a whole number in 1.." + MAX_SIZE);
    }
    return node.intValue();
  }

  private double ratio() {
    JsonNode node = root.path("mlp_ratio");
    if (node.isMissingNode()) {
      return 4.0;
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue()) || node.doubleValue() <= 0) {
      throw wrong("mlp_ratio", node, "a positive number");
    }
    return node.doubleValue();
  }

  private boolean flag(String key, boolean otherwise) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw wrong(key, node, "true or false");
    }
    return node.booleanValue();
  }

  private List<Integer> patch() {
    JsonNode node = root.path("patch_size");
    if (node.isMissingNode()) {
      return List.of(1, 2, 2);
    }
    List<Integer> out = new ArrayList<>();
    for (JsonNode size : node) {
      if (!size.isIntegralNumber() || !size.canConvertToInt() || size.intValue() < 1 || size.intValue() > 64) {
        throw wrong("patch_size", node, "three whole numbers in 1..64");
      }
      out.add(size.intValue());
    }
    if (!node.isArray() || out.size() != 3) {
      throw wrong("patch_size", node, "three whole numbers in 1..64");
    }
    return out;
  }

  private UserError wrong(String key, Object found, String expected) {
    return UserError.of("IM0204", "%s: '%s' is %s, expected %s", file, key, found, expected);
  }
}
