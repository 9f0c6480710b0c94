package org.quantcache.tools.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;

/**
 * What lies beside a checkpoint: sampler settings and, for models that are complete in themselves, a text table and a
 * decoder. It travels in the artifact's manifest, so that an artifact runs on its own.
 */
public record SampleModel(
    SamplerSettings sampler, Optional<TextTable> text, Optional<VideoSettings> video) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Reads what a model folder holds. @throws UserError CL0303, IM06xx */
  public static SampleModel of(Path folder) {
    Path sampler = folder.resolve("sampler.json");
    Path text = folder.resolve("text.json");
    Path video = folder.resolve("video.json");
    return new SampleModel(
        Files.exists(sampler) ? SamplerSettings.read(sampler) : SamplerSettings.DEFAULT,
        Files.exists(text) ? Optional.of(readText(text)) : Optional.empty(),
        Files.exists(video) ? Optional.of(read(video, VideoSettings.class)) : Optional.empty());
  }

  /** Reads the settings of an artifact. */
  public static SampleModel of(Map<String, Object> settings) {
    return new SampleModel(
        part(settings, "sampler", SamplerSettings.class).orElse(SamplerSettings.DEFAULT),
        part(settings, "text", TextTable.class),
        part(settings, "video", VideoSettings.class));
  }

  /** Settings for the manifest of an artifact. */
  public Map<String, Object> settings() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("sampler", sampler);
    video.ifPresent(v -> out.put("video", v));
    text.ifPresent(t -> out.put("text", t));
    return out;
  }

  private static <T> Optional<T> part(Map<String, Object> settings, String name, Class<T> type) {
    Object value = settings == null ? null : settings.get(name);
    try {
      return value == null ? Optional.empty() : Optional.of(JSON.convertValue(value, type));
    } catch (IllegalArgumentException e) {
      throw malformed("setting '" + name + "' of the artifact", e.getCause());
    }
  }

  private static TextTable readText(Path file) {
    TextTable table = read(file, TextTable.class);
    Path embedding = file.resolveSibling("text.safetensors");
    Tensor rows = TensorFile.read(embedding).get("embedding");
    boolean whole = rows != null && rows.sizes().size() == 2 && table.isWhole(rows.size(0));
    if (!whole) {
      throw UserError.of("CL0303", "%s and %s do not describe a text table", file, embedding);
    }
    float[] values = rows.floats();
    int channels = (int) rows.size(1);
    List<List<Float>> out = new ArrayList<>();
    for (int row = 0; row < rows.size(0); row++) {
      List<Float> one = new ArrayList<>();
      for (int c = 0; c < channels; c++) {
        one.add(values[row * channels + c]);
      }
      out.add(one);
    }
    return table.withEmbedding(out);
  }

  private static <T> T read(Path file, Class<T> type) {
    try {
      T value = JSON.readValue(Files.readAllBytes(file), type);
      if (value == null) {
        throw UserError.of("CL0303", "%s is empty", file);
      }
      return value;
    } catch (JsonProcessingException e) {
      throw malformed(file.toString(), e);
    } catch (IOException e) {
      throw UserError.of("CL0303", "%s cannot be read: %s", file, e.getMessage())
          .causedBy(e);
    }
  }

  /** Says where it is, without the names of the program's classes that the reader's messages are full of. */
  private static UserError malformed(String source, Throwable problem) {
    if (problem.getCause() instanceof UserError wrong) {
      return UserError.of(wrong.code(), "%s: %s", source, wrong.getMessage());
    }
    if (!(problem instanceof JsonMappingException mapping)) {
      String message =
          problem instanceof JsonProcessingException e ? e.getOriginalMessage() : "not readable";
      return UserError.of("CL0303", "%s: %s", source, message);
    }
    StringBuilder place = new StringBuilder();
    for (JsonMappingException.Reference step : mapping.getPath()) {
      place.append('/').append(step.getFieldName() == null ? step.getIndex() : step.getFieldName());
    }
    return place.isEmpty()
        ? UserError.of("CL0303", "%s holds no JSON object", source)
        : UserError.of("CL0303", "%s: the value at %s is of a wrong kind", source, place);
  }
}
