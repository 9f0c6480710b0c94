package org.quantcache.tools.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;

/** A JSON file that another command wrote; what is wrong with it is one coded error with the place in it. */
public final class JsonInput {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private final Path file;
  private final Kind kind;

  /**
   * What a file should be.
   *
   * @param code of the error when it is not
   * @param name such as "profile of a run"
   * @param command that writes such a file, for the hint
   */
  public record Kind(String code, String name, String command) {}

  /** A file of a kind; nothing is read yet. */
  public JsonInput(Path file, Kind kind) {
    this.file = file;
    this.kind = kind;
  }

  /** Reads it. @throws UserError CL0107 when there is no such file, the code of its kind when it is no JSON */
  public JsonNode read() {
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

  /** The array {@code field} of the object at {@code at}. */
  public JsonNode array(JsonNode of, String field, String at) {
    return required(of, field, at, of.path(field).isArray(), "an array");
  }

  /** The text {@code field} of the object at {@code at}. */
  public String text(JsonNode of, String field, String at) {
    return required(of, field, at, of.path(field).isTextual(), "a text").asText();
  }

  /** The finite number {@code field}, at least 0, of the object at {@code at}. */
  public double number(JsonNode of, String field, String at) {
    JsonNode value = of.path(field);
    boolean legal = value.isNumber() && Double.isFinite(value.asDouble()) && value.asDouble() >= 0;
    return required(of, field, at, legal, "a number from 0 on").asDouble();
  }

  /** The whole number {@code field} in 0..most of the object at {@code at}. */
  public int whole(JsonNode of, String field, String at, int most) {
    JsonNode value = of.path(field);
    boolean legal = value.isIntegralNumber() && value.asLong() >= 0 && value.asLong() <= most;
    return required(of, field, at, legal, "a whole number in 0.." + most).asInt();
  }

  private JsonNode required(
      JsonNode of, String field, String at, boolean isLegal, String expected) {
    JsonNode value = of.path(field);
    if (!isLegal) {
      String found = value.isMissingNode()
          ? "nothing"
          : value.isValueNode() ? value.toString() : "another kind";
      throw wrong(at + "/" + field + " must be " + expected + ", found " + found);
    }
    return value;
  }

  /** The error of its kind. */
  public UserError wrong(String problem) {
    return UserError.of(kind.code(), "%s is no %s: %s", file, kind.name(), problem)
        .withHint("write one with: %s", kind.command());
  }
}
