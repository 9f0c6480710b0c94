package org.quantcache.tools.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.quantcache.importers.stdit3.ForwardRequest;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.layers.ComparedLayers;
import org.quantcache.tools.layers.LayerComparison;
import org.quantcache.tools.layers.LayerInputs;
import org.quantcache.tools.layers.LayerRow;
import org.quantcache.tools.layers.LayerSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc compare-layers}. */
@Command(
    name = "compare-layers",
    mixinStandardHelpOptions = true,
    description = {
      "Run two builds side by side and say, value by value, how far B is from A.",
      "Each is a model folder, an artifact, or a .safetensors file of inner values as 'eval --taps' writes it."
    })
final class CompareLayersCommand extends Verb {
  private static final double USUAL_TOLERANCE = 1e-3;

  @Parameters(index = "0", paramLabel = "A", description = "What counts as right.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "What is judged.")
  private Path b;

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      description =
          "Tensors that both read: x, timestep, y, ... of a forward pass, or z, y, ... of a loop (default: noise from the seed).")
  private Path inputs;

  @Option(
      names = "--steps",
      defaultValue = "1",
      description = "Sampling steps of a loop (default ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--entry",
      description =
          "sample or forward (default: what the inputs, then what the artifacts are for, else sample).")
  private CompileCommand.Entry entry;

  @Option(
      names = "--decisions",
      defaultValue = "always",
      paramLabel = "MODE",
      description =
          "How guards decide: always (default, every layer is there to be compared), adaptive or replay=FILE, a trace.")
  private String decisions;

  @Option(
      names = "--tolerance",
      paramLabel = "BOUND",
      description =
          "Relative L2 beyond which a value is far; when given, exit status 1 where one is (default for the summary: 1e-3).")
  private Double tolerance;

  @Option(
      names = "--worst",
      paramLabel = "N",
      description = "Print only the N values that are farthest away.")
  private Integer worst;

  @Option(names = "--unmatched", description = "List the values that one side alone has.")
  private boolean unmatched;

  @Option(names = "--json", paramLabel = "FILE", description = "Write all rows as JSON.")
  private Path json;

  @Mixin
  private TextAndNoiseOptions read;

  @Mixin
  private BuildOptions builds;

  @Override
  void execute() {
    if (json != null) {
      requireWritable(json);
    }
    requireNumbers();
    requireThere(a);
    requireThere(b);
    DecisionMode mode = DecisionOptions.mode(decisions);
    Map<String, Tensor> given = inputs == null ? Map.of() : TensorFile.read(inputs);
    LayerInputs layerInputs = new LayerInputs(given, read.prompts(), read.seed(), steps);
    String function =
        entry == null ? layerInputs.function(List.of(a, b)) : entry.name().toLowerCase(Locale.ROOT);
    LayerComparison found = compare(layerInputs, function, mode);
    if (found.rows().isEmpty()) {
      throw UserError.of("CL0732", "%s and %s have no value at the same place", a, b)
          .withHint(
              "are they of one model and one size? --unmatched of 'compare-layers A A' lists what A has");
    }
    double bound = tolerance == null ? USUAL_TOLERANCE : tolerance;
    new LayerTable(found, bound).print(out(), rows(found), unmatched);
    if (json != null) {
      AtomicFile.write(json, (json(found.json(bound)) + "\n").getBytes(StandardCharsets.UTF_8));
      say("wrote %s", json);
    }
    OptionalInt far = found.firstBeyond(bound);
    if (tolerance != null && far.isPresent()) {
      LayerRow row = found.rows().get(far.getAsInt());
      throw UserError.of(
          "CL0733",
          "%s at step %d is %.3e away in relative L2, the bound is %.3e",
          row.at(),
          row.step(),
          row.relativeL2(),
          bound);
    }
  }

  private void requireNumbers() {
    require(steps >= 1 && steps <= 1000, "--steps", steps, "1..1000");
    require(tolerance == null || tolerance >= 0, "--tolerance", tolerance, "a number from 0 on");
    require(worst == null || worst >= 1, "--worst", worst, "1 or more");
  }

  private static void require(boolean holds, String option, Object found, String expected) {
    if (!holds) {
      throw UserError.of("CL0734", "%s is %s, expected %s", option, found, expected);
    }
  }

  private static void requireThere(Path path) {
    if (!Files.exists(path)) {
      throw UserError.of("CL0107", "no file %s", path)
          .withHint("expected a model folder, an artifact (.qca) or values (.safetensors)");
    }
  }

  private LayerComparison compare(LayerInputs layerInputs, String function, DecisionMode mode) {
    boolean fileA = LayerSource.isTaps(a);
    boolean fileB = LayerSource.isTaps(b);
    if (fileA && fileB) {
      throw UserError.of("CL0735", "%s and %s are both files of values", a, b)
          .withHint("compare them with 'qcc compare'");
    }
    List<String> taps = fileA || fileB ? List.of(ForwardRequest.ALL_TAPS) : List.of();
    if (fileA || fileB) {
      Path model = fileA ? b : a;
      try (LayerSource one = fileA
          ? builds.b(this, model, function, c -> layerInputs.lift(c, model, function, taps))
          : builds.a(this, model, function, c -> layerInputs.lift(c, model, function, taps))) {
        ComparedLayers compared = compared(layerInputs, one, function, mode);
        return fileA
            ? compared.fileAndBuild(a, b.toString(), one)
            : compared.buildAndFile(a.toString(), one, b);
      }
    }
    try (LayerSource left =
            builds.a(this, a, function, c -> layerInputs.lift(c, a, function, taps));
        LayerSource right =
            builds.b(this, b, function, c -> layerInputs.lift(c, b, function, taps))) {
      return compared(layerInputs, left, function, mode)
          .builds(a.toString(), left, b.toString(), right);
    }
  }

  private ComparedLayers compared(
      LayerInputs layerInputs, LayerSource source, String function, DecisionMode mode) {
    return new ComparedLayers(layerInputs.tensors(source, function), steps, mode, progress("step"));
  }

  private List<LayerRow> rows(LayerComparison found) {
    return worst == null ? found.rows() : found.farthest(worst);
  }
}
