package org.quantcache.importers.stdit3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;

/**
 * {@code sampler.json}: the scheduler's settings.
 *
 * @param steps number of sampling steps
 * @param trainSteps time at full noise
 * @param guidance scale of the guidance
 * @param transform whether the time grid is shifted by picture size and length
 * @param discrete whether times are rounded before the shift
 */
public record SamplerSettings(
    int steps, int trainSteps, double guidance, boolean transform, boolean discrete) {
  /** The original's inference settings: 30 steps, guidance 7, shifted times. */
  public static final SamplerSettings DEFAULT = new SamplerSettings(30, 1000, 7.0, true, false);

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  public SamplerSettings {
    if (steps < 1 || steps > StditImporter.MAX_STEPS) {
      throw UserError.of(
          "IM0602", "a sampler takes 1..%d steps, found %d", StditImporter.MAX_STEPS, steps);
    }
    if (trainSteps < 1 || !Double.isFinite(guidance)) {
      throw UserError.of(
          "IM0602",
          "the sampler needs finite settings, found train steps %d, guidance %s",
          trainSteps,
          guidance);
    }
  }

  /** The same settings with another number of steps. */
  public SamplerSettings withSteps(int number) {
    return new SamplerSettings(number, trainSteps, guidance, transform, discrete);
  }

  /** The same settings with another scale of the guidance. */
  public SamplerSettings withGuidance(double scale) {
    return new SamplerSettings(steps, trainSteps, scale, transform, discrete);
  }

  /** Reads a settings file; missing keys take the values of {@link #DEFAULT}. @throws UserError IM06xx */
  public static SamplerSettings read(Path file) {
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root == null || !root.isObject()) {
        throw UserError.of("IM0601", "%s is no JSON object", file);
      }
      String scheduler = root.path("scheduler").asText("rflow");
      if (!scheduler.equals("rflow")) {
        throw UserError.of("IM0602", "%s: scheduler is '%s', expected rflow", file, scheduler);
      }
      return new SamplerSettings(
          whole(file, root, "num_sampling_steps", DEFAULT.steps),
          whole(file, root, "num_timesteps", DEFAULT.trainSteps),
          number(file, root, "cfg_scale", DEFAULT.guidance),
          flag(file, root, "use_timestep_transform", DEFAULT.transform),
          flag(file, root, "use_discrete_timesteps", DEFAULT.discrete));
    } catch (NoSuchFileException e) {
      throw UserError.of("IM0601", "no file %s", file);
    } catch (JsonProcessingException e) {
      throw UserError.of("IM0601", "%s: %s", file, e.getOriginalMessage());
    } catch (IOException e) {
      throw UserError.of("IM0601", "%s cannot be read: %s", file, e.getMessage())
          .causedBy(e);
    }
  }

  private static int whole(Path file, JsonNode root, String key, int otherwise) {
    JsonNode node = root.path(key);
    if (!node.isMissingNode() && !(node.isIntegralNumber() && node.canConvertToInt())) {
      throw UserError.of("IM0602", "%s: '%s' is %s, expected a whole number", file, key, node);
    }
    return node.asInt(otherwise);
  }

  private static double number(Path file, JsonNode root, String key, double otherwise) {
    JsonNode node = root.path(key);
    if (!node.isMissingNode() && !node.isNumber()) {
      throw UserError.of("IM0602", "%s: '%s' is %s, expected a number", file, key, node);
    }
    return node.asDouble(otherwise);
  }

  private static boolean flag(Path file, JsonNode root, String key, boolean otherwise) {
    JsonNode node = root.path(key);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw UserError.of("IM0602", "%s: '%s' is %s, expected true or false", file, key, node);
    }
    return node.asBoolean(otherwise);
  }
}
