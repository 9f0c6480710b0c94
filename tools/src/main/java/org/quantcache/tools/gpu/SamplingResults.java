package org.quantcache.tools.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;

/** Rows in a file, which is written anew with every row, so that a run that was killed goes on where it was. */
public final class SamplingResults {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ROWS = "rows";
  private static final String DATE = "date";
  private static final String COMMAND = "command";

  private final Path file;
  private final Map<String, Object> head;
  private final List<SamplingRow> rows;

  private SamplingResults(Path file, Map<String, Object> head, List<SamplingRow> rows) {
    this.file = file;
    this.head = head;
    this.rows = rows;
  }

  /**
   * Opens a file of results, or starts one.
   *
   * @param file that may be there
   * @param head what rows of one file have in common; date and command may differ
   * @throws UserError CL0614 when it is no such file, or of another card, model or number of runs
   */
  static SamplingResults open(Path file, Map<String, Object> head) {
    if (!Files.exists(file)) {
      return new SamplingResults(file, head, new ArrayList<>());
    }
    JsonNode found;
    try {
      found = JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw UserError.of("CL0614", "%s is no file of results: it is not readable as JSON", file)
          .withHint("name another file with --json")
          .causedBy(e);
    }
    JsonNode expected = readBack(head);
    for (Map.Entry<String, JsonNode> field : expected.properties()) {
      String name = field.getKey();
      boolean same = found != null && field.getValue().equals(found.get(name));
      if (!same && !name.equals(DATE) && !name.equals(COMMAND)) {
        throw UserError.of(
                "CL0614",
                "%s holds results of another run: '%s' is %s, here it is %s",
                file,
                name,
                found == null ? "missing" : found.path(name),
                field.getValue())
            .withHint("name another file with --json, or remove this one");
      }
    }
    return new SamplingResults(file, head, new ArrayList<>(rows(found)));
  }

  /** Facts as a file gives them back: a number has the kind that its text has. */
  private static JsonNode readBack(Map<String, Object> facts) {
    try {
      return JSON.readTree(JSON.writeValueAsBytes(facts));
    } catch (IOException e) {
      throw new IllegalStateException("facts are writable as JSON", e);
    }
  }

  /** All rows, in the order of builds, then of steps. */
  public List<SamplingRow> rows() {
    return sorted(rows);
  }

  /** Rows of such a file. */
  static List<SamplingRow> rows(JsonNode file) {
    List<SamplingRow> rows = new ArrayList<>();
    file.path(ROWS).forEach(row -> rows.add(SamplingRow.of(row)));
    return sorted(rows);
  }

  private static List<SamplingRow> sorted(List<SamplingRow> rows) {
    List<String> order = SamplingBench.names();
    return rows.stream()
        .sorted(Comparator.comparingInt((SamplingRow row) -> order.indexOf(row.build()))
            .thenComparingInt(SamplingRow::steps))
        .toList();
  }

  /** A row that is there and did not fail. */
  Optional<SamplingRow> finished(String build, int steps) {
    return find(rows, build, steps).filter(row -> !row.hasFailed());
  }

  /** The row of a build and a number of steps. */
  static Optional<SamplingRow> find(List<SamplingRow> rows, String build, int steps) {
    return rows.stream()
        .filter(row -> row.build().equals(build) && row.steps() == steps)
        .findFirst();
  }

  /** Adds a row in the place of one that failed, and writes the file. @throws UserError RT0301 */
  void add(SamplingRow row) {
    rows.removeIf(r -> r.build().equals(row.build()) && r.steps() == row.steps());
    rows.add(row);
    AtomicFile.write(file, bytes());
  }

  private byte[] bytes() {
    Map<String, Object> all = new LinkedHashMap<>(head);
    all.put(ROWS, rows.stream().map(SamplingRow::facts).toList());
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rows are writable as JSON", e);
    }
  }
}
