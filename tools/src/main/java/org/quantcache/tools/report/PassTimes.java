package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.tools.files.JsonInput;

/** Milliseconds of passes by their number in the pipeline. */
final class PassTimes {
  private static final JsonInput.Kind KIND = new JsonInput.Kind(
      "CL0752", "list of times of passes", "qcc compile MODEL_DIR -o X.qca --timing=json > FILE");

  private static final int MOST_PASSES = 10_000;

  private PassTimes() {}

  /** What {@code --timing=json} printed: {@code [{"number": 1, "pass": "fold", "ms": 1.5}, ...]}. */
  static Map<Integer, Double> read(Path file) {
    JsonInput input = new JsonInput(file, KIND);
    JsonNode root = input.read();
    if (!root.isArray()) {
      throw input.wrong("it must be an array");
    }
    Map<Integer, Double> out = new TreeMap<>();
    int at = 0;
    for (JsonNode entry : root) {
      String place = "/" + at++;
      out.put(input.whole(entry, "number", place, MOST_PASSES), input.number(entry, "ms", place));
    }
    return out;
  }
}
