package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.tools.calibrate.OneBlockSprites;

/** The search for layers that need more bits, on the command line. */
class PrecisionTest {
  private static final String MODEL = "samples/sprites";

  @TempDir
  private Path folder;

  @Test
  @Tag("slow")
  void thePassesThatAreFoundReachTheTarget() throws IOException {
    Path model = OneBlockSprites.write(folder.resolve("model"));
    Path json = folder.resolve("p.json");
    CommandRun run = CommandRun.of(
            "debug",
            "precision",
            model.toString(),
            "--target",
            "reference",
            "--steps",
            "1",
            "--max-error",
            "0.01",
            "--json",
            json.toString())
        .assertWorked();
    JsonNode found = new ObjectMapper().readTree(json.toFile());
    assertThat(found.get("relative_l2").doubleValue()).isLessThanOrEqualTo(0.01);
    assertThat(found.get("layers")).isNotEmpty().hasSizeLessThan(12);
    assertThat(found.get("trials").get(0).get("layers")).isEmpty();
    assertThat(found.get("trials").get(0).get("reaches").booleanValue()).isFalse();
    String passes = found.get("passes").textValue();
    assertThat(passes)
        .contains("aigq{weights=4,layers=", found.get("layers").get(0).textValue());
    assertThat(run.out()).contains("passes: " + passes);
    CommandRun.of(
            "compare-layers",
            model.toString(),
            model.toString(),
            "--target-a",
            "reference",
            "--target-b",
            "reference",
            "--passes-b",
            passes)
        .assertWorked();
  }

  @Test
  void whatCannotBeSearchedIsRefused() {
    CommandRun.of("debug", "precision", MODEL).assertRefused("CL0746");
    CommandRun.of("debug", "precision", MODEL, "--target-db", "40", "--max-error", "0.1")
        .assertRefused("CL0746");
    CommandRun.of("debug", "precision", MODEL, "--max-error", "-1").assertRefused("CL0746");
    CommandRun.of("debug", "precision", MODEL, "--target-db", "40", "--widen", "5")
        .assertRefused("CL0746");
    CommandRun.of("debug", "precision", MODEL, "--target-db", "40", "--passes", "@none")
        .assertRefused("CL0744");
    CommandRun.of("debug", "precision", "nowhere", "--target-db", "40").assertRefused("IM0301");
    CommandRun.of("debug").assertMisused();
  }
}
