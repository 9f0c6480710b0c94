package org.quantcache.tools.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;

/**
 * What the parts of a check on a card found, as one JSON and one Markdown file. A part that is not there is told as
 * missing.
 */
public final class GpuReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> CARD = List.of(
      "device",
      "compute_capability",
      "multiprocessors",
      "memory_mib",
      "driver_cuda",
      "clock_mhz",
      "memory_clock_mhz",
      "emulated");
  private static final String NOTHING = "-";

  private final Path parts;
  private final String date;
  private final String command;
  private final Optional<JsonNode> checks;
  private final Optional<JsonNode> kernels;
  private final Optional<JsonNode> torch;
  private final Optional<JsonNode> sampling;
  private final List<String> out = new ArrayList<>();

  private GpuReport(Path parts, String command) {
    this.parts = parts;
    this.command = command;
    this.date = LocalDate.now(ZoneOffset.UTC).toString();
    this.checks = read("checks.json");
    this.kernels = read("bench.json");
    this.torch = read("torch.json");
    this.sampling = read("sampling.json");
  }

  /**
   * Writes both files, named after the card and the day.
   *
   * @param parts folder with {@code checks.json}, {@code bench.json}, {@code torch.json}, {@code sampling.json},
   *     {@code machine.tsv} and {@code nvidia-smi.csv}, each of which may be missing
   * @param results folder that is there
   * @param command what was called
   * @return the Markdown file
   * @throws UserError CL0614 when a part is unreadable or none names a card, RT0301
   */
  public static Path write(Path parts, Path results, String command) {
    GpuReport report = new GpuReport(parts, command);
    ObjectNode all = report.all();
    String base = base(all.path("device").asText(), report.date, results);
    Path markdown = results.resolve(base + ".md");
    try {
      AtomicFile.write(
          results.resolve(base + ".json"),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("results are writable as JSON", e);
    }
    AtomicFile.write(markdown, report.markdown(all).getBytes(StandardCharsets.UTF_8));
    return markdown;
  }

  /** A name that is free: later results of a day do not replace earlier ones. */
  private static String base(String device, String date, Path results) {
    String plain = device.replaceAll("[^A-Za-z0-9]+", "-") + "-" + date;
    String name = plain;
    for (int i = 2; Files.exists(results.resolve(name + ".json")); i++) {
      name = plain + "-" + i;
    }
    return name;
  }

  private Optional<JsonNode> read(String name) {
    Path file = parts.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw UserError.of("CL0614", "%s is no file of results: it is not readable as JSON", file)
          .withHint("remove it, and measure again")
          .causedBy(e);
    }
  }

  private List<String> lines(String name) {
    Path file = parts.resolve(name);
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw UserError.of("CL0614", "%s cannot be read: %s", file, e.getMessage())
          .causedBy(e);
    }
  }

  private ObjectNode all() {
    JsonNode card = checks
        .or(() -> kernels)
        .or(() -> sampling)
        .orElseThrow(
            () -> UserError.of("CL0614", "no results in %s", parts)
                .withHint(
                    "expected checks.json, bench.json or sampling.json, as tools/gpu/check makes them"));
    ObjectNode all = JSON.createObjectNode();
    CARD.forEach(name -> all.set(name, card.path(name)));
    all.put("date", date);
    all.put("command", command);
    ObjectNode machine = all.putObject("machine");
    table().forEach(row -> machine.put(row.get(0), row.get(1)));
    List<String> smi = lines("nvidia-smi.csv");
    if (smi.size() > 1) {
      all.put("nvidia_smi", smi.get(0) + "\n" + smi.get(1));
    }
    checks.ifPresent(node -> all.set("checks", node.path("checks")));
    kernels.ifPresent(node -> all.set("kernels", node.path("kernels")));
    torch.ifPresent(node -> all.set("pytorch", node));
    sampling.ifPresent(node -> {
      all.set("model", node.path("model"));
      all.set("rounds", node.path("rounds"));
      all.set("sampling", node.path("rows"));
    });
    return all;
  }

  /** What was found on the machine: name, state, what follows. */
  private List<List<String>> table() {
    return lines("machine.tsv").stream()
        .map(line -> List.of(line.split("\t", -1)))
        .filter(row -> row.size() == 3)
        .toList();
  }

  private String markdown(ObjectNode all) {
    line("# %s, %s", all.path("device").asText(), date);
    line("");
    line(
        "Compute capability %s, %d multiprocessors, %d MiB, driver for CUDA %s, highest clocks %d MHz and %d MHz of the"
            + " memory. `%s`",
        all.path("compute_capability").asText(),
        all.path("multiprocessors").asInt(),
        all.path("memory_mib").asLong(),
        all.path("driver_cuda").asText(),
        all.path("clock_mhz").asInt(),
        all.path("memory_clock_mhz").asInt(),
        command);
    if (all.path("emulated").asBoolean()) {
      line("");
      line(
          "A processor stood in for the card: everything ran, no time means anything, so none is told.");
    }
    if (all.has("nvidia_smi")) {
      line("");
      line("```\n%s\n```", all.path("nvidia_smi").asText());
    }
    machine();
    checks();
    kernels();
    sampling();
    return String.join("\n", out) + "\n";
  }

  private void machine() {
    line("");
    line("| on the machine | | |");
    line("|---|---|---|");
    table().forEach(row -> line("| %s |", String.join(" | ", row)));
  }

  private void checks() {
    heading("Checks against the reference device");
    if (checks.isEmpty()) {
      line("Not made.");
      return;
    }
    JsonNode all = checks.get().path("checks");
    List<String> wrong = new ArrayList<>();
    all.forEach(check -> {
      if (!check.path("passed").asBoolean()) {
        wrong.add("- %s: %s"
            .formatted(check.path("name").asText(), check.path("detail").asText()));
      }
    });
    line("%d of %d passed.", all.size() - wrong.size(), all.size());
    wrong.forEach(text -> line("%s", text));
  }

  private void kernels() {
    heading("Kernels");
    if (kernels.isEmpty()) {
      line("Not measured.");
      return;
    }
    line(
        "Ceilings: products in registers by mma.sync, a copy on the device; each in turns with the kernel. PyTorch:"
            + " products by cuBLASLt, of bytes to int32 without scales, and its scaled_dot_product_attention, which neither"
            + " norms nor rotates queries and keys as ours does.");
    line("");
    line("| kernel | rows | unit | measured | ceiling | share | PyTorch | measured to PyTorch |");
    line("|---|---|---|---|---|---|---|---|");
    Map<String, Double> rivals = new LinkedHashMap<>();
    torch.ifPresent(node -> node.path("rows")
        .forEach(row ->
            rivals.put(key(row.path("what").asText(), row), row.path("value").asDouble())));
    for (JsonNode row : kernels.get().path("kernels")) {
      String name = row.path("kernel").asText();
      Double rival = rivals.get(key(name.replaceFirst("gemm W\\dA\\d", "gemm int8 to int32"), row));
      line(
          "| %s | %d | %s | %s | %s | %s | %s | %s |",
          name,
          row.path("rows").asLong(),
          row.path("unit").asText(),
          number(row.path("rate"), 1),
          number(row.path("ceiling"), 1),
          number(row.path("share"), 2),
          rival == null ? NOTHING : String.format(Locale.ROOT, "%.1f", rival),
          rival == null || !row.has("rate")
              ? NOTHING
              : String.format(Locale.ROOT, "%.2f", row.path("rate").asDouble() / rival));
    }
  }

  private static String key(String kernel, JsonNode row) {
    return kernel + ", " + row.path("rows").asLong() + ", " + row.path("unit").asText();
  }

  private void sampling() {
    heading("Sampling loops");
    if (sampling.isEmpty()) {
      line("Not measured.");
      return;
    }
    line("%s.", sampling.get().path("model").asText());
    line("");
    List<SamplingRow> rows = SamplingResults.rows(sampling.get());
    line("%s", new SamplingTable(rows, sampling.get().path("rounds").asInt()).markdown());
  }

  private void heading(String text) {
    line("");
    line("## %s", text);
    line("");
  }

  private void line(String format, Object... values) {
    out.add(String.format(Locale.ROOT, format, values));
  }

  private static String number(JsonNode value, int digits) {
    return value.isNumber()
        ? String.format(Locale.ROOT, "%." + digits + "f", value.asDouble())
        : NOTHING;
  }
}
