package org.quantcache.tools.layers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/** Reads what {@code qcc compare-layers --json} wrote: {@code {"rows": [{"at", "step", "op_a", "op_b", ...}]}}. */
public final class LayersFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_STEPS = 100_000;

  private final Path file;

  /**
   * How far a value of build B is from that of build A; what the file does not give as a number is NaN.
   *
   * @param at where the operation of B stands in the model, all its places
   * @param step of the loop
   * @param opA operation of A, may be empty
   * @param opB operation of B, may be empty
   * @param relativeL2 norm of the difference over the norm of A's value
   * @param maxError largest absolute difference
   * @param sqnrDb signal over error in dB
   */
  public record Row(
      String at,
      int step,
      String opA,
      String opB,
      double relativeL2,
      double maxError,
      double sqnrDb) {}

  private LayersFile(Path file) {
    this.file = file;
  }

  /** Rows in the order of the file. @throws UserError CL0107, CL0762 that names the place */
  public static List<Row> read(Path file) {
    return new LayersFile(file).rows();
  }

  private List<Row> rows() {
    JsonNode rows = tree().path("rows");
    if (!rows.isArray()) {
      throw wrong("/rows must be a list");
    }
    List<Row> out = new ArrayList<>();
    for (JsonNode row : rows) {
      String place = "/rows/" + out.size();
      if (!row.path("at").isTextual()) {
        throw wrong(place + "/at must be a text");
      }
      JsonNode step = row.path("step");
      if (!step.isMissingNode()
          && (!step.isIntegralNumber() || step.asLong() < 0 || step.asLong() > MOST_STEPS)) {
        throw wrong(place + "/step must be a whole number in 0.." + MOST_STEPS);
      }
      out.add(new Row(
          row.path("location").asText(row.path("at").asText()),
          step.asInt(),
          row.path("op_a").asText(""),
          row.path("op_b").asText(""),
          number(row, "relative_l2"),
          number(row, "max_error"),
          number(row, "sqnr_db")));
    }
    return out;
  }

  private JsonNode tree() {
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

  private static double number(JsonNode row, String field) {
    return row.path(field).isNumber() ? row.path(field).asDouble() : Double.NaN;
  }

  private UserError wrong(String problem) {
    return UserError.of("CL0762", "%s is no comparison of layers: %s", file, problem)
        .withHint("write one with 'qcc compare-layers A B --json FILE'");
  }
}
