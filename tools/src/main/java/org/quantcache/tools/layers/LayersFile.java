package org.quantcache.tools.layers;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.tools.files.JsonInput;

/** Reads what {@code qcc compare-layers --json} wrote: {@code {"rows": [{"at", "step", "op_a", "op_b", ...}]}}. */
public final class LayersFile {
  private static final JsonInput.Kind KIND =
      new JsonInput.Kind("CL0762", "comparison of layers", "qcc compare-layers A B --json FILE");

  private static final int MOST_STEPS = 100_000;

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

  private LayersFile() {}

  /** Rows in the order of the file. @throws org.quantcache.ir.diagnostics.UserError CL0107, CL0762 that names the place */
  public static List<Row> read(Path file) {
    JsonInput input = new JsonInput(file, KIND);
    List<Row> out = new ArrayList<>();
    for (JsonNode row : input.array(input.read(), "rows", "")) {
      String place = "/rows/" + out.size();
      String at = input.text(row, "at", place);
      out.add(new Row(
          row.path("location").asText(at),
          row.has("step") ? input.whole(row, "step", place, MOST_STEPS) : 0,
          row.path("op_a").asText(""),
          row.path("op_b").asText(""),
          number(row, "relative_l2"),
          number(row, "max_error"),
          number(row, "sqnr_db")));
    }
    return out;
  }

  private static double number(JsonNode row, String field) {
    return row.path(field).isNumber() ? row.path(field).asDouble() : Double.NaN;
  }
}
