package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;

/** A damaged archive is refused before anything in it is used. */
class BadArtifactTest {
  private static final String ANY_ARTIFACT_ERROR = "RT02\\d\\d";
  private static final Path INPUTS =
      Path.of("../importers/src/test/resources/golden/tiny/inputs.safetensors");

  @TempDir
  private static Path shared;

  private static Path whole;
  private static byte[] content;

  @TempDir
  private Path parent;

  @BeforeAll
  static void compile() {
    whole = shared.resolve("whole.qca");
    CommandRun.of(
            "compile",
            HostileModel.in(shared).folder().toString(),
            "--target",
            "reference",
            "--entry",
            "forward",
            "--latent",
            "3,6,10",
            "--text-mask",
            "-o",
            whole.toString())
        .assertWorked();
    content = HostileModel.read(whole);
  }

  private void refuse(byte[] damaged, String code) {
    Path file = HostileModel.write(parent.resolve("bad.qca"), damaged);
    OldFile old = OldFile.in(parent, "out.safetensors");

    CommandRun.of("eval", file.toString(), "--out", old.toString()).assertRefused(code);
    CommandRun.of("inspect", file.toString()).assertRefused(code);

    old.assertIntact();
  }

  @Test
  void wholeArtifactRuns() {
    Path out = parent.resolve("out.safetensors");

    CommandRun.of("eval", whole.toString(), "--out", out.toString()).assertWorked();
    CommandRun.of("inspect", whole.toString()).assertWorked();

    assertThat(out).exists();
  }

  /** A bit of an entry: its number, and the number of the draw. */
  record Flip(String entry, int draw) {}

  static List<Flip> flips() {
    List<Flip> out = new ArrayList<>();
    try (ArtifactReader artifact = ArtifactReader.open(whole)) {
      artifact.manifest().entries().forEach(e -> out.addAll(draws(e.path())));
    }
    out.addAll(draws(Manifest.ENTRY));
    return out;
  }

  private static List<Flip> draws(String entry) {
    return IntStream.range(0, 6).mapToObj(draw -> new Flip(entry, draw)).toList();
  }

  @ParameterizedTest
  @MethodSource("flips")
  void flippedBitsOfEveryEntryAreRefused(Flip flip) {
    ArtifactReader.Window window;
    try (ArtifactReader artifact = ArtifactReader.open(whole)) {
      window = artifact.window(flip.entry());
    }
    Random random = new Random(31 * flip.draw() + flip.entry().hashCode());
    long bit = 8 * window.offset() + (long) (random.nextDouble() * 8 * window.bytes());

    refuse(HostileModel.flipped(content, bit), "RT020[26]");
  }

  @ParameterizedTest
  @MethodSource("flips")
  void firstAndLastBitsOfEveryEntryAreRefused(Flip flip) {
    ArtifactReader.Window window;
    try (ArtifactReader artifact = ArtifactReader.open(whole)) {
      window = artifact.window(flip.entry());
    }
    long bit = switch (flip.draw() % 2) {
      case 0 -> 8 * window.offset() + flip.draw();
      default -> 8 * (window.offset() + window.bytes()) - flip.draw();
    };

    refuse(HostileModel.flipped(content, bit), "RT020[26]");
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void truncatedArchivesAreRefused(int length) {
    refuse(Arrays.copyOf(content, length), ANY_ARTIFACT_ERROR);
  }

  static IntStream lengths() {
    int all = content.length;
    return IntStream.of(
        0, 1, 2, 4, 30, 4096, all / 4, all / 2, all - 4096, all - 22, all - 2, all - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PK", "PK\u0003\u0004", "no archive at all", "{}"})
  void filesThatAreNoArchiveAreRefused(String text) {
    refuse(text.getBytes(StandardCharsets.ISO_8859_1), ANY_ARTIFACT_ERROR);
  }

  @Test
  void bytesBehindTheArchiveAreRefused() {
    refuse(Arrays.copyOf(content, content.length + 1), ANY_ARTIFACT_ERROR);
  }

  @Test
  void checkpointInPlaceOfAnArtifactIsRefused() {
    refuse(HostileModel.read(INPUTS), ANY_ARTIFACT_ERROR);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "null",
        "[]",
        "{}",
        "{\"formatVersion\": 1}",
        "{\"formatVersion\": 2147483647}",
        "{\"formatVersion\": \"one\"}"
      })
  void malformedManifestsAreRefused(String manifest) throws IOException {
    refuse(zip(Manifest.ENTRY, manifest), ANY_ARTIFACT_ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.txt", "../manifest.json", "/manifest.json", "a/../../b"})
  void archivesOfOtherContentAreRefused(String entry) throws IOException {
    refuse(zip(entry, "{}"), ANY_ARTIFACT_ERROR);
  }

  @Test
  void missingFunctionIsRefused() {
    OldFile old = OldFile.in(parent, "out.safetensors");

    CommandRun.of("run", whole.toString(), "--inputs", INPUTS.toString(), "-o", old.toString())
        .assertRefused(ANY_ARTIFACT_ERROR);

    old.assertIntact();
  }

  @Test
  void missingFileIsRefused() {
    String nowhere = parent.resolve("nowhere.qca").toString();

    CommandRun.of("eval", nowhere, "--out", parent.resolve("o.safetensors").toString())
        .assertRefused("RT0201");
    CommandRun.of("inspect", nowhere).assertRefused("CL0107");
  }

  private static byte[] zip(String name, String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(text.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return out.toByteArray();
  }
}
