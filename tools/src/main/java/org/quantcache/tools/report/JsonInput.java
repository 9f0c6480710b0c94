package org.quantcache.tools.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;

/** A JSON file that another command wrote; what is wrong with it is CL0752 with the place in it. */
final class JsonInput {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private final Path file;
  private final String source;

  /** @param source the command that writes such a file, for the hint */
  JsonInput(Path file, String source) {
    this.file = file;
    this.source = source;
  }

  JsonNode read() {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw wrong("no JSON: " + e.getOriginalMessage());
    } catch (NoSuchFileException e) {
      throw UserError.of("CL0107", "no file %s", file);
    } catch (IOException e) {
      throw UserError.of("CL0107", "%s cannot be read", file).causedBy(e);
    }
  }

  /** The array {@code field} of an object. */
  JsonNode array(JsonNode of, String field, String at) {
    JsonNode list = of.path(field);
    if (!list.isArray()) {
      throw wrong(at + "/" + field + " must be an array");
    }
    return list;
  }

  String text(JsonNode of, String field, String at) {
    JsonNode value = of.path(field);
    if (!value.isTextual()) {
      throw wrong(at + "/" + field + " must be a string");
    }
    return value.asText();
  }

  double number(JsonNode of, String field, String at) {
    JsonNode value = of.path(field);
    if (!value.isNumber() || !Double.isFinite(value.asDouble()) || value.asDouble() < 0) {
      throw wrong(at + "/" + field + " must be a number of at least 0, found " + value);
    }
    return value.asDouble();
  }

  int whole(JsonNode of, String field, String at, int most) {
    JsonNode value = of.path(field);
    if (!value.isIntegralNumber() || value.asLong() < 0 || value.asLong() > most) {
      throw wrong(at + "/" + field + " must be a whole number in 0.." + most + ", found " + value);
    }
    return value.asInt();
  }

  UserError wrong(String what) {
    return UserError.of("CL0752", "%s: %s", file, what).withHint("make it with: %s", source);
  }
}
