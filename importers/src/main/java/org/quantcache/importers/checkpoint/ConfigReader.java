package org.quantcache.importers.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.NearestName;
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

  private static final Pattern NO_NUMBER = Pattern.compile("[-+]?(NaN|Infinity|INF)");
  private static final int MAX_DEPTH = 1 << 10;

  private static final Set<String> WITHOUT_EFFECT = ImmutableSet.of(
      "architectures",
      "auto_map",
      "class_dropout_prob",
      "drop_path",
      "dtype",
      "enable_flash_attn",
      "enable_layernorm_kernel",
      "enable_sequence_parallelism",
      "force_huggingface",
      "freeze_y_embedder",
      "input_size",
      "model_type",
      "only_train_temporal",
      "torch_dtype",
      "transformers_version",
      "_name_or_path");

  private final String source;
  private final JsonNode root;
  private final StditConfig config;

  private ConfigReader(String source, JsonNode root) {
    this.source = source;
    this.root = root;
    this.config = readConfig();
  }

  /** Reads and checks a config file. */
  public static StditConfig read(Path file) {
    return open(file).config();
  }

  /** Reads and checks a config file; tells also what it did not understand. */
  public static ConfigReader open(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw UserError.of(
            "IM0201", "%s has %d bytes, expected at most %d", file, Files.size(file), MAX_BYTES);
      }
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root == null || !root.isObject()) {
        throw UserError.of("IM0202", "%s is no JSON object", file);
      }
      return new ConfigReader(file.toString(), root);
    } catch (NoSuchFileException e) {
      throw UserError.of("IM0201", "no file %s", file)
          .withHint("a model folder holds config.json and model.safetensors");
    } catch (JsonProcessingException e) {
      throw notJson(file, e);
    } catch (IOException e) {
      throw UserError.of("IM0201", "%s cannot be read: %s", file, e.getMessage())
          .causedBy(e);
    }
  }

  /**
   * A configuration with some values replaced, checked like one that was read.
   *
   * @param values JSON text of the new value by key of {@code config.json}, such as {@code depth} to {@code 4}
   * @throws UserError IM0206 when there is no such key or its value is no JSON, IM0204 when it is out of bounds
   */
  public static StditConfig override(StditConfig base, Map<String, String> values) {
    ObjectNode root = ConfigJson.of(base);
    values.forEach((key, text) -> {
      if (!root.has(key)) {
        List<String> keys = new ArrayList<>();
        root.fieldNames().forEachRemaining(keys::add);
        throw UserError.of(
                "IM0206", "a model has no hyper-parameter '%s', expected one of %s", key, keys)
            .withHint(
                "%s",
                NearestName.of(key, keys)
                    .map(n -> "did you mean '" + n + "'?")
                    .orElse("see the list"));
      }
      try {
        root.set(key, JSON.readTree(text));
      } catch (JsonProcessingException e) {
        throw UserError.of(
            "IM0206", "'%s' is %s, expected a number, a list or true or false", key, text);
      }
    });
    return new ConfigReader("given values", root).config();
  }

  /** The checked configuration. */
  public StditConfig config() {
    return config;
  }

  /** Keys that are neither hyper-parameters nor known to have no effect here, in file order. */
  public List<String> unknownKeys() {
    ObjectNode known = ConfigJson.of(config);
    List<String> out = new ArrayList<>();
    root.fieldNames().forEachRemaining(key -> {
      if (!known.has(key) && !WITHOUT_EFFECT.contains(key)) {
        out.add(key);
      }
    });
    return out;
  }

  private static UserError notJson(Path file, JsonProcessingException e) {
    int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    Matcher token = NO_NUMBER.matcher(e.getOriginalMessage());
    return token.find()
        ? UserError.of(
            "IM0202", "%s line %d: found %s, expected a finite number", file, line, token.group())
        : UserError.of("IM0202", "%s line %d: %s", file, line, e.getOriginalMessage());
  }

  private StditConfig readConfig() {
    String type = root.path("model_type").asText("STDiT3");
    if (!type.equals("STDiT3")) {
      throw UserError.of(
          "IM0203", "%s describes a model of type '%s', expected STDiT3", source, type);
    }
    StditConfig config = new StditConfig(
        size("hidden_size", 1152),
        size("depth", 28, MAX_DEPTH),
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
      throw wrong(
          "hidden_size", config.hiddenSize(), "a multiple of num_heads = " + config.heads());
    }
    if (config.headDim() % 2 != 0) {
      throw wrong(
          "hidden_size",
          config.hiddenSize(),
          "an even number of channels per head, for rotation by pairs");
    }
    if (config.hiddenSize() % 4 != 0) {
      throw wrong(
          "hidden_size", config.hiddenSize(), "a multiple of 4, for the position embedding");
    }
    if (config.mlpRatio() * config.hiddenSize() < 1
        || config.mlpRatio() * config.hiddenSize() > MAX_SIZE) {
      throw wrong("mlp_ratio", config.mlpRatio(), "a hidden width of 1.." + MAX_SIZE);
    }
    return config;
  }

  private int size(String key, int otherwise) {
    return size(key, otherwise, MAX_SIZE);
  }

  private int size(String key, int otherwise, int most) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < 1
        || node.intValue() > most) {
      throw wrong(key, node, "a whole number in 1.." + most);
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
      if (!size.isIntegralNumber()
          || !size.canConvertToInt()
          || size.intValue() < 1
          || size.intValue() > 64) {
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
    return UserError.of("IM0204", "%s: '%s' is %s, expected %s", source, key, found, expected);
  }
}
