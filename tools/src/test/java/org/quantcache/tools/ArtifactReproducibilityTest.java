package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.tools.cli.Qcc;

/** One model, one artifact: language, time zone and number of processors leave no trace. */
class ArtifactReproducibilityTest {
  private static final String MODEL = "../importers/src/test/resources/golden/tiny";

  @TempDir
  private Path folder;

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void otherSurroundingsGiveTheSameBytes(String target) throws Exception {
    Path plain = compile(
        target,
        "-Duser.language=en",
        "-Duser.country=US",
        "-Duser.timezone=UTC",
        "-XX:ActiveProcessorCount=1");
    Path other = compile(
        target,
        "-Duser.language=ar",
        "-Duser.country=EG",
        "-Duser.timezone=Pacific/Kiritimati",
        "-Dfile.encoding=ISO-8859-1",
        "-XX:ActiveProcessorCount=3");

    assertThat(other).hasSameBinaryContentAs(plain);
  }

  private Path compile(String target, String... javaOptions) throws Exception {
    Path out = Files.createTempDirectory(folder, "run").resolve("model.qca");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(javaOptions));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Qcc.class.getName()));
    command.addAll(List.of("compile", MODEL, "--target", target, "--entry", "sample,forward"));
    command.addAll(List.of("--latent", "2,4,4", "-o", out.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return out;
  }
}
