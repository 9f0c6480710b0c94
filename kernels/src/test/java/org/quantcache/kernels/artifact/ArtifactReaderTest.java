package org.quantcache.kernels.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.runtime.ProgramSignature;

/** An artifact opens whole or not at all. */
class ArtifactReaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  private Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, byte[]> contents() {
    Map<String, byte[]> out = new LinkedHashMap<>();
    out.put("program.qir", bytes("module @m {}\n"));
    out.put("weights.safetensors", new byte[] {1, 2, 3, 4, 5, 6, 7});
    out.put("empty", new byte[0]);
    return out;
  }

  private static Manifest manifest(Map<String, byte[]> contents) {
    List<Manifest.EntryInfo> entries = new ArrayList<>();
    contents.forEach((path, content) ->
        entries.add(new Manifest.EntryInfo(path, content.length, sha256(content))));
    return new Manifest(
        Manifest.FORMAT_VERSION,
        "test 1",
        "cpu",
        "x86-64-v3",
        List.of("avx2", "fma"),
        4096,
        "m",
        "@none",
        Map.of("L", 300L),
        List.of(new Manifest.FunctionInfo(
            "forward",
            "org.quantcache.generated.ForwardExecutor",
            1024,
            List.of(new Manifest.TensorInfo("y", "f32", List.of("2", "3*L"))),
            List.of(new Manifest.TensorInfo("output", "i1", List.of())))),
        Map.of("steps", 30, "name", "n", "list", List.of(1, 2)),
        entries);
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private record Entry(String name, byte[] content, boolean compressed) {}

  private Path archive(List<Entry> entries) throws IOException {
    Path path = folder.resolve("model.qca");
    Files.deleteIfExists(path);
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(path)) {
      for (Entry entry : entries) {
        ZipArchiveEntry head = new ZipArchiveEntry(entry.name());
        head.setMethod(entry.compressed() ? ZipArchiveEntry.DEFLATED : ZipArchiveEntry.STORED);
        head.setSize(entry.content().length);
        zip.putArchiveEntry(head);
        zip.write(entry.content());
        zip.closeArchiveEntry();
      }
    }
    return path;
  }

  private static List<Entry> entries(Map<String, byte[]> contents, byte[] manifest) {
    List<Entry> out = new ArrayList<>();
    contents.forEach((name, content) -> out.add(new Entry(name, content, false)));
    out.add(new Entry(Manifest.ENTRY, manifest, false));
    return out;
  }

  private Path valid() throws IOException {
    Map<String, byte[]> contents = contents();
    return archive(entries(contents, JSON.writeValueAsBytes(manifest(contents))));
  }

  private static void requireRefused(Path path, String... codes) {
    assertThatThrownBy(() -> ArtifactReader.open(path).close())
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isIn((Object[]) codes));
  }

  @Test
  void aManifestReadsBackAsItWasWritten() throws IOException {
    Manifest manifest = manifest(contents());
    byte[] text = JSON.writeValueAsBytes(manifest);
    assertThat(JSON.readValue(text, Manifest.class)).isEqualTo(manifest);
    try (ArtifactReader reader = ArtifactReader.open(valid())) {
      assertThat(reader.manifest()).isEqualTo(manifest);
    }
  }

  @Test
  void entriesAreReadAndLocated() throws IOException {
    Path path = valid();
    try (ArtifactReader reader = ArtifactReader.open(path)) {
      assertThat(reader.path()).isEqualTo(path);
      for (Map.Entry<String, byte[]> entry : contents().entrySet()) {
        assertThat(reader.has(entry.getKey())).isTrue();
        assertThat(reader.bytes(entry.getKey())).isEqualTo(entry.getValue());
        ArtifactReader.Window window = reader.window(entry.getKey());
        assertThat(window.bytes()).isEqualTo(entry.getValue().length);
        int from = (int) window.offset();
        assertThat(Arrays.copyOfRange(
                Files.readAllBytes(window.file()), from, from + (int) window.bytes()))
            .isEqualTo(entry.getValue());
      }
      assertThat(reader.has("nothing")).isFalse();
      assertThatThrownBy(() -> reader.bytes("nothing"))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0205"));
    }
  }

  @Test
  void theSignatureIsThatOfTheManifest() {
    Manifest manifest = manifest(contents());
    ProgramSignature signature =
        ArtifactLayout.signature(manifest, ArtifactLayout.function(manifest, "forward"));
    assertThat(signature.bounds()).containsExactly(Map.entry("L", 300L));
    assertThat(signature.parameters().get(0).type().dims())
        .containsExactly(Dim.of(2), Dim.of(3).times(Dim.symbol("L")));
    assertThat(signature.results().get(0).type().element()).isEqualTo(ScalarType.I1);
    assertThatThrownBy(() -> ArtifactLayout.function(manifest, "sample"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("RT0208");
          assertThat(e.hint()).contains("forward");
        });
  }

  @Test
  void aFileThatIsNotThereOrNoArchiveIsRefused() throws IOException {
    requireRefused(folder.resolve("nothing.qca"), "RT0201");
    requireRefused(folder, "RT0201");
    requireRefused(Files.write(folder.resolve("empty.qca"), new byte[0]), "RT0202");
    requireRefused(Files.write(folder.resolve("text.qca"), bytes("no archive")), "RT0202");
  }

  @Test
  void contentThatDiffersFromItsHashIsRefused() throws IOException {
    for (String name : contents().keySet()) {
      Map<String, byte[]> contents = contents();
      byte[] manifest = JSON.writeValueAsBytes(manifest(contents));
      contents.put(name, bytes("other"));
      requireRefused(archive(entries(contents, manifest)), "RT0206");
    }
  }

  @Test
  void anyChangedByteIsRefusedOrWithoutEffect() throws IOException {
    byte[] whole = Files.readAllBytes(valid());
    Path damaged = folder.resolve("damaged.qca");
    Map<String, byte[]> contents = contents();
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] copy = whole.clone();
      copy[at] ^= (byte) (1 << at % 8);
      Files.write(damaged, copy);
      try (ArtifactReader reader = ArtifactReader.open(damaged)) {
        assertThat(reader.manifest()).isEqualTo(manifest(contents));
        contents.forEach((name, content) -> assertThat(reader.bytes(name)).isEqualTo(content));
        reader.window("weights.safetensors");
      } catch (UserError e) {
        assertThat(e.code()).startsWith("RT02");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(whole.length / 2);
  }

  @Test
  void aFileThatEndsEarlyIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(valid());
    for (int length = 0; length < whole.length; length += 7) {
      Path cut = Files.write(folder.resolve("cut.qca"), Arrays.copyOf(whole, length));
      requireRefused(cut, "RT0202", "RT0204", "RT0205", "RT0206");
    }
  }

  @Test
  void entriesThatAreMissingUnlistedOrTwiceAreRefused() throws IOException {
    Map<String, byte[]> contents = contents();
    byte[] manifest = JSON.writeValueAsBytes(manifest(contents));
    contents.remove("program.qir");
    requireRefused(archive(entries(contents, manifest)), "RT0205");
    contents = contents();
    contents.put("more", bytes("x"));
    requireRefused(archive(entries(contents, manifest)), "RT0204");
    List<Entry> twice = entries(contents(), manifest);
    twice.add(new Entry("program.qir", bytes("module @other {}"), false));
    requireRefused(archive(twice), "RT0204");
    requireRefused(archive(entries(contents(), manifest).subList(0, 3)), "RT0205");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../up", "a/../../up", "/root", "a\\..\\b"})
  void namesThatLeaveTheArchiveAreRefused(String name) throws IOException {
    Map<String, byte[]> contents = contents();
    contents.put(name, bytes("x"));
    byte[] manifest = JSON.writeValueAsBytes(manifest(contents));
    requireRefused(archive(entries(contents, manifest)), "RT0204");
  }

  @Test
  void aCompressedEntryIsReadButCannotBeMapped() throws IOException {
    Map<String, byte[]> contents = contents();
    List<Entry> entries = new ArrayList<>();
    contents.forEach((name, content) -> entries.add(new Entry(name, content, true)));
    entries.add(new Entry(Manifest.ENTRY, JSON.writeValueAsBytes(manifest(contents)), true));
    try (ArtifactReader reader = ArtifactReader.open(archive(entries))) {
      assertThat(reader.bytes("program.qir")).isEqualTo(contents.get("program.qir"));
      assertThatThrownBy(() -> reader.window("weights.safetensors"))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0203"));
    }
  }

  private void requireManifestRefused(String code, Consumer<ObjectNode> change) throws IOException {
    ObjectNode manifest = JSON.valueToTree(manifest(contents()));
    change.accept(manifest);
    requireRefused(archive(entries(contents(), JSON.writeValueAsBytes(manifest))), code);
  }

  @Test
  void anotherFormatVersionIsRefused() throws IOException {
    for (int version : new int[] {-1, 0, Manifest.FORMAT_VERSION + 1, Integer.MAX_VALUE}) {
      requireManifestRefused("RT0207", m -> m.put("formatVersion", version));
    }
    requireManifestRefused("RT0207", m -> m.remove("formatVersion"));
  }

  @Test
  void aManifestThatIsNoManifestIsRefused() throws IOException {
    for (String text : List.of("", "null", "[]", "{", "{}{}", "3", "{\"formatVersion\": \"x\"}")) {
      requireRefused(archive(entries(contents(), bytes(text))), "RT0205", "RT0207");
    }
  }

  @Test
  void aManifestWithAMissingPartIsRefused() throws IOException {
    for (String field : List.of(
        "compiler",
        "target",
        "cpu",
        "cpuFeatures",
        "model",
        "pipeline",
        "dims",
        "functions",
        "settings",
        "entries")) {
      requireManifestRefused("RT0205", m -> m.remove(field));
      requireManifestRefused("RT0205", m -> m.putNull(field));
    }
    UnaryOperator<ObjectNode> function = m -> (ObjectNode) m.get("functions").get(0);
    for (String field : List.of("name", "executorClass", "parameters", "results")) {
      requireManifestRefused("RT0205", m -> function.apply(m).putNull(field));
    }
    UnaryOperator<ObjectNode> tensor =
        m -> (ObjectNode) function.apply(m).get("parameters").get(0);
    for (String field : List.of("name", "element", "sizes")) {
      requireManifestRefused("RT0205", m -> tensor.apply(m).putNull(field));
    }
    for (String field : List.of("path", "sha256")) {
      requireManifestRefused("RT0205", m -> ((ObjectNode) m.get("entries").get(0)).putNull(field));
    }
    requireManifestRefused("RT0205", m -> m.withArray("functions").addNull());
    requireManifestRefused("RT0205", m -> m.withArray("entries").addNull());
    requireManifestRefused("RT0205", m -> m.withArray("cpuFeatures").addNull());
    requireManifestRefused("RT0205", m -> function.apply(m).withArray("results").addNull());
    requireManifestRefused("RT0205", m -> tensor.apply(m).withArray("sizes").addNull());
    requireManifestRefused("RT0205", m -> ((ObjectNode) m.get("dims")).putNull("L"));
  }

  @Test
  void numbersThatCannotBeAreRefused() throws IOException {
    requireManifestRefused("RT0205", m -> m.put("workspaceBytes", -1));
    requireManifestRefused("RT0205", m -> ((ObjectNode) m.get("dims")).put("L", 0));
    requireManifestRefused(
        "RT0205", m -> ((ObjectNode) m.get("functions").get(0)).put("arenaBytes", -1));
  }

  @Test
  void typesThatAreNoTypesAreRefused() throws IOException {
    Consumer<ObjectNode> element =
        m -> ((ObjectNode) m.get("functions").get(0).get("parameters").get(0)).put("element", "f3");
    requireManifestRefused("RT0205", element);
    for (String size : List.of("", "-1", "2*", "L+1", "1.5", "9999999999999999999", "K")) {
      requireManifestRefused(
          "RT0205",
          m -> ((ObjectNode) m.get("functions").get(0).get("parameters").get(0))
              .putArray("sizes")
              .add(size));
    }
    requireManifestRefused(
        "RT0205",
        m -> ((ObjectNode) m.get("functions").get(0).get("parameters").get(0))
            .putArray("sizes")
            .add("999999999999999999*999999999999999999"));
  }
}
