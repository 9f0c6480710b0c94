package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;

/** Two builds value by value, on the command line. */
class CompareLayersTest {
  private static final Path GOLDEN = Path.of("../importers/src/test/resources/golden");
  private static final Path FORWARD = GOLDEN.resolve("tiny");
  private static final Path LOOP = GOLDEN.resolve("sample-rflow");
  private static final int LAST_BLOCKS = 2;

  @TempDir
  private Path folder;

  private static Path inputs(Path model) {
    return model.resolve("inputs.safetensors");
  }

  private CommandRun compare(Path a, Path b, Path inputs, String... more) {
    List<String> command = new ArrayList<>(List.of(
        "compare-layers",
        a.toString(),
        b.toString(),
        "--inputs",
        inputs.toString(),
        "--json",
        json().toString()));
    command.addAll(List.of(more));
    return CommandRun.of(command);
  }

  private Path json() {
    return folder.resolve("layers.json");
  }

  private JsonNode found() throws IOException {
    return new ObjectMapper().readTree(json().toFile());
  }

  private static void assertWithin(JsonNode rows, double bound) {
    assertThat(rows).isNotEmpty();
    rows.forEach(row ->
        assertThat(row.get("relative_l2").doubleValue()).as(row.toString()).isLessThan(bound));
  }

  @Test
  void theTapsOfTheOriginalAreNearInBothDirections() throws IOException {
    Path taps = FORWARD.resolve("outputs.safetensors");
    int count = TensorFile.read(taps).size();
    String[] reference = {"--target-a", "reference", "--target-b", "reference"};

    CommandRun run = compare(taps, FORWARD, inputs(FORWARD), reference).assertWorked();
    assertThat(found().get("rows")).hasSize(count);
    assertWithin(found().get("rows"), 2e-5);
    assertThat(run.out()).contains("first beyond 0.001: none", "not finite: none");

    compare(FORWARD, taps, inputs(FORWARD), reference).assertWorked();
    assertThat(found().get("rows")).hasSize(count);
    assertWithin(found().get("rows"), 2e-5);
    assertThat(found().get("rows").findValuesAsText("at"))
        .contains("spatial_blocks.0.attn", "temporal_blocks.1", "output");
  }

  @Test
  void bothDevicesAgreeAtEveryPlaceAndFewValuesWait() throws IOException {
    compare(LOOP, LOOP, inputs(LOOP), "--target-a", "reference", "--steps", "3").assertWorked();
    JsonNode found = found();
    assertWithin(found.get("rows"), 2e-5);
    assertThat(found.get("unmatched")).isEmpty();
    assertThat(found.get("first_beyond").isNull()).isTrue();
    assertThat(found.get("peak_bytes").longValue())
        .isLessThan(found.get("compared_bytes").longValue() / 50);
    List<String> steps = found.get("rows").findValuesAsText("step");
    assertThat(steps).contains("0", "1", "2").doesNotContain("3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--target-a", "--target-b"})
  void aCardIsComparedOnEitherSide(String side) throws IOException {
    String other = side.equals("--target-a") ? "--target-b" : "--target-a";
    compare(FORWARD, FORWARD, inputs(FORWARD), side, "cuda:emulated", other, "reference")
        .assertWorked();
    assertWithin(found().get("rows"), 1.5e-2);
    assertThat(found().get("rows").findValuesAsText("at"))
        .contains("spatial_blocks.0.attn", "temporal_blocks.1", "final_layer");
  }

  @Test
  void whatWasMergedIsComparedWhereItEnds() throws IOException {
    compare(
            LOOP,
            LOOP,
            inputs(LOOP),
            "--target-a",
            "reference",
            "--passes-a",
            "",
            "--target-b",
            "reference")
        .assertWorked();
    assertWithin(found().get("rows"), 2e-5);
    List<String> places = found().get("rows").findValuesAsText("at");
    for (int block = 0; block < LAST_BLOCKS; block++) {
      String at = "spatial_blocks." + block;
      assertThat(places)
          .contains(
              at + ".attn.qkv", at + ".attn", at + ".cross_attn", at + ".mlp.act", at + ".norm1");
      assertThat(places.stream().filter(at::equals)).hasSize(3);
    }
  }

  @Test
  void roundingIsFoundAtTheFirstProductThatRounds() throws IOException {
    CommandRun run = compare(
            LOOP,
            LOOP,
            inputs(LOOP),
            "--target-a",
            "reference",
            "--target-b",
            "reference",
            "--passes-b",
            "@none,aigq{weights=4}",
            "--worst",
            "3")
        .assertWorked();
    JsonNode rows = found().get("rows");
    JsonNode first = rows.get(found().get("first_beyond").intValue());
    assertThat(first.get("at").textValue()).isEqualTo("spatial_blocks.0.attn.qkv");
    assertThat(first.get("op_a").textValue()).isEqualTo("nn.linear");
    assertThat(first.get("op_b").textValue()).isEqualTo("quant.linear");
    double worst = rows.get(found().get("worst").intValue()).get("relative_l2").doubleValue();
    rows.forEach(
        row -> assertThat(row.get("relative_l2").doubleValue()).isLessThanOrEqualTo(worst));
    assertThat(run.out().lines().takeWhile(line -> !line.isBlank())).hasSize(4);
    // What stands before an activation in one build and behind it in the other is no pair.
    assertThat(rows.findValuesAsText("at")).doesNotContain("spatial_blocks.0.mlp.act");
  }

  @Test
  void aToleranceIsACheck() {
    compare(
            LOOP,
            LOOP,
            inputs(LOOP),
            "--target-a",
            "reference",
            "--target-b",
            "reference",
            "--passes-b",
            "@none,aigq{weights=4}",
            "--tolerance",
            "0.001")
        .assertRefused("CL0733");
  }

  @Test
  void aGuardThatReusesStandsInForWhatItLeavesOut() throws IOException {
    compare(
            LOOP,
            LOOP,
            inputs(LOOP),
            "--target-a",
            "reference",
            "--target-b",
            "reference",
            "--passes-b",
            "@none,hlc{plan=4:0/2}",
            "--decisions",
            "adaptive",
            "--steps",
            "4")
        .assertWorked();
    List<String> guards = new ArrayList<>();
    found().get("rows").forEach(row -> {
      if (row.get("op_b").textValue().equals("cache.guard")) {
        guards.add(row.get("at").textValue() + "@" + row.get("step").intValue());
      }
    });
    assertThat(guards).containsExactly("temporal_blocks.1@1", "temporal_blocks.1@3");
    assertThat(found().get("peak_bytes").longValue())
        .isLessThan(found().get("compared_bytes").longValue() / 20);
  }

  @Test
  void theSameRunGivesTheSameBytes() throws IOException {
    String[] options = {"--target-a", "reference", "--target-b", "reference", "--steps", "2"};
    String first = compare(LOOP, LOOP, inputs(LOOP), options).assertWorked().out();
    String text = Files.readString(json());
    assertThat(compare(LOOP, LOOP, inputs(LOOP), options).assertWorked().out()).isEqualTo(first);
    assertThat(Files.readString(json())).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void anOverflowNamesTheOperationThatMadeIt(String device) throws IOException {
    Path model = overflowing("temporal_blocks.0.mlp.fc1.weight");
    CommandRun run = compare(LOOP, model, inputs(LOOP), "--target-a", device, "--target-b", device)
        .assertWorked();
    JsonNode made = found().get("not_finite");
    assertThat(made.findValuesAsText("side")).containsOnly("b");
    assertThat(made.get(0).get("at").textValue()).startsWith("temporal_blocks.0.mlp.");
    assertThat(made).hasSize(1);
    assertThat(run.out()).contains("not finite: b at temporal_blocks.0.mlp.");
    JsonNode beyond = found().get("rows").get(found().get("first_beyond").intValue());
    assertThat(beyond.get("at").textValue()).startsWith("temporal_blocks.0.mlp.");
    assertThat(beyond.get("relative_l2").isNull()).isTrue();
  }

  /** A copy of the model whose weight is so large that products with it overflow. */
  private Path overflowing(String weight) throws IOException {
    Path model = Files.createDirectory(folder.resolve("overflowing"));
    for (String name : List.of("config.json", "sampler.json")) {
      Files.copy(LOOP.resolve(name), model.resolve(name));
    }
    Map<String, Tensor> weights =
        new LinkedHashMap<>(TensorFile.read(LOOP.resolve("model.safetensors")));
    Tensor old = weights.get(weight);
    ByteBuffer large = ByteBuffer.allocate(old.data().capacity()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < old.count(); i++) {
      large.putFloat(4 * i, 3e38f);
    }
    weights.put(weight, new Tensor(old.element(), old.sizes(), large));
    TensorFile.write(model.resolve("model.safetensors"), weights);
    return model;
  }

  @Test
  void aNumberOfTheInputsThatIsNotFiniteIsTheirs() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(TensorFile.read(inputs(LOOP)));
    Tensor z = Tensor.zeros(tensors.get("z").element(), tensors.get("z").sizes());
    z.set(3, Double.NaN);
    tensors.put("z", z);
    Path odd = folder.resolve("odd.safetensors");
    TensorFile.write(odd, tensors);
    compare(LOOP, LOOP, odd, "--target-a", "reference", "--target-b", "reference")
        .assertWorked();
    JsonNode made = found().get("not_finite");
    assertThat(made.findValuesAsText("op")).containsOnly("input");
    assertThat(made.findValuesAsText("at")).containsOnly("z");
    assertThat(made.findValuesAsText("why")).allMatch(why -> why.startsWith("NaN at element 3 "));
  }

  @Test
  void whatCannotBeComparedIsRefused() throws IOException {
    OldFile old = OldFile.in(folder, "layers.json");
    Path taps = FORWARD.resolve("outputs.safetensors");
    compare(taps, taps, inputs(FORWARD)).assertRefused("CL0735");
    compare(FORWARD, folder.resolve("nowhere"), inputs(FORWARD)).assertRefused("CL0107");
    compare(FORWARD, FORWARD, inputs(FORWARD), "--steps", "0").assertRefused("CL0734");
    compare(FORWARD, FORWARD, inputs(FORWARD), "--worst", "0").assertRefused("CL0734");
    compare(FORWARD, FORWARD, inputs(FORWARD), "--decisions", "odd").assertRefused("CL0110");
    compare(FORWARD, FORWARD, taps, "--target-a", "reference").assertRefused("CL0306");
    Path other = folder.resolve("other.safetensors");
    TensorFile.write(other, Map.of("unknown", Tensor.of(List.of(1L), 1f)));
    compare(other, FORWARD, inputs(FORWARD), "--target-b", "reference").assertRefused("CL0732");
    compare(FORWARD, FORWARD, inputs(FORWARD), "--json", "/nowhere/x.json").assertMisused();
    old.assertIntact();
  }
}
