package org.quantcache.kernels.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Opens a {@code .qca} archive. Opening checks that every entry is listed in the manifest with its length and SHA-256;
 * what is wrong is one coded error ({@code RT02xx}) before anything of the archive is used.
 */
public final class ArtifactReader implements AutoCloseable {
  private static final int MAX_ENTRIES = 10_000;
  private static final int MAX_MANIFEST_BYTES = 16 << 20;
  private static final int MAX_ENTRY_BYTES = 512 << 20;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int END_RECORD_BYTES = 22;
  private static final int END_RECORD_SIGNATURE = 0x06054b50;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path path;
  private final ZipFile zip;
  private final Map<String, ZipArchiveEntry> entries;
  private final Manifest manifest;

  private ArtifactReader(Path path, ZipFile zip) throws IOException {
    this.path = path;
    this.zip = zip;
    checkEnd();
    this.entries = list();
    this.manifest = readManifest();
    verify();
  }

  /** Opens and checks an artifact. @throws UserError RT0201..RT0207 */
  public static ArtifactReader open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw UserError.of("RT0201", "no artifact at %s", path)
          .withHint("make one with: qcc compile MODEL_DIR -o %s", path);
    }
    ZipFile zip = null;
    try {
      zip = ZipFile.builder().setPath(path).get();
      return new ArtifactReader(path, zip);
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      close(zip);
      throw UserError.of("RT0202", "%s is no readable artifact: %s", path, e.getMessage())
          .withHint("the file is damaged or incomplete; compile or copy it again")
          .causedBy(e);
    } catch (UserError e) {
      close(zip);
      throw e;
    }
  }

  public Manifest manifest() {
    return manifest;
  }

  public Path path() {
    return path;
  }

  /** Whether the archive holds an entry of this name. */
  public boolean has(String entry) {
    return entries.containsKey(entry);
  }

  /** Content of an entry below 512 MiB. */
  public byte[] bytes(String entry) {
    ZipArchiveEntry found = find(entry);
    if (found.getSize() > MAX_ENTRY_BYTES) {
      throw UserError.of(
          "RT0203",
          "entry '%s' of %s has %d bytes, expected at most %d",
          entry,
          path,
          found.getSize(),
          MAX_ENTRY_BYTES);
    }
    try (InputStream in = zip.getInputStream(found)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw damaged(entry, e);
    }
  }

  /** A part of the artifact's file, for mapping. */
  public record Window(Path file, long offset, long bytes) {}

  /** Where an uncompressed entry lies in the file. */
  public Window window(String entry) {
    ZipArchiveEntry found = find(entry);
    if (found.getMethod() != ZipArchiveEntry.STORED) {
      throw UserError.of(
          "RT0203", "entry '%s' of %s is compressed, expected it stored", entry, path);
    }
    // Opening has read every entry, and with it the local header that says where the data lie.
    return new Window(path, found.getDataOffset(), found.getSize());
  }

  @Override
  public void close() {
    close(zip);
  }

  /** The archive ends with its end record: nothing is behind it, no comment inside of it. */
  private void checkEnd() throws IOException {
    ByteBuffer end = ByteBuffer.allocate(END_RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long start = channel.size() - END_RECORD_BYTES;
      while (start >= 0 && end.hasRemaining()) {
        if (channel.read(end, start + end.position()) < 0) {
          break;
        }
      }
    }
    if (end.hasRemaining()
        || end.getInt(0) != END_RECORD_SIGNATURE
        || end.getShort(END_RECORD_BYTES - 2) != 0) {
      throw UserError.of("RT0202", "%s does not end as an archive of qcc", path)
          .withHint("the file is damaged or incomplete; compile or copy it again");
    }
  }

  private Map<String, ZipArchiveEntry> list() {
    Map<String, ZipArchiveEntry> out = new LinkedHashMap<>();
    for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
      String name = entry.getName();
      if (name.isEmpty()
          || name.startsWith("/")
          || name.contains("\\")
          || List.of(name.split("/")).contains("..")) {
        throw UserError.of("RT0204", "entry '%s' of %s leaves the archive", name, path);
      }
      if (out.putIfAbsent(name, entry) != null) {
        throw UserError.of("RT0204", "entry '%s' is twice in %s", name, path);
      }
      if (out.size() > MAX_ENTRIES) {
        throw UserError.of("RT0204", "%s has more than %d entries", path, MAX_ENTRIES);
      }
    }
    return out;
  }

  private Manifest readManifest() throws IOException {
    ZipArchiveEntry entry = entries.get(Manifest.ENTRY);
    if (entry == null) {
      throw UserError.of("RT0205", "%s holds no %s", path, Manifest.ENTRY)
          .withHint("this is no artifact of qcc");
    }
    if (entry.getSize() > MAX_MANIFEST_BYTES) {
      throw UserError.of(
          "RT0205",
          "manifest of %s has %d bytes, expected at most %d",
          path,
          entry.getSize(),
          MAX_MANIFEST_BYTES);
    }
    byte[] text;
    try (InputStream in = zip.getInputStream(entry)) {
      text = in.readNBytes(MAX_MANIFEST_BYTES + 1);
    }
    CRC32 crc = new CRC32();
    crc.update(text);
    if (crc.getValue() != entry.getCrc()) {
      throw UserError.of(
              "RT0206", "entry '%s' of %s does not match its checksum", Manifest.ENTRY, path)
          .withHint("the file is damaged; compile or copy it again");
    }
    Manifest read;
    try {
      read = JSON.readValue(text, Manifest.class);
    } catch (JsonMappingException e) {
      // The reader's own message names classes of this program.
      throw UserError.of("RT0205", "manifest of %s has not the form of a manifest", path)
          .withHint("this is no artifact of qcc")
          .causedBy(e);
    } catch (JsonProcessingException e) {
      throw UserError.of("RT0205", "manifest of %s: %s", path, e.getOriginalMessage())
          .causedBy(e);
    }
    if (read == null || read.formatVersion() != Manifest.FORMAT_VERSION) {
      throw UserError.of(
              "RT0207",
              "%s has format version %s, this program reads version %d",
              path,
              read == null ? "none" : read.formatVersion(),
              Manifest.FORMAT_VERSION)
          .withHint("compile the model again with this version");
    }
    ManifestChecks.require(read, path);
    return read;
  }

  private void verify() throws IOException {
    Map<String, Manifest.EntryInfo> listed = new LinkedHashMap<>();
    manifest.entries().forEach(e -> listed.put(e.path(), e));
    for (String name : entries.keySet()) {
      if (!name.equals(Manifest.ENTRY) && !listed.containsKey(name)) {
        throw UserError.of("RT0204", "entry '%s' of %s is not in its manifest", name, path);
      }
    }
    byte[] chunk = new byte[CHUNK_BYTES];
    for (Manifest.EntryInfo info : listed.values()) {
      ZipArchiveEntry entry = find(info.path());
      MessageDigest digest = sha256();
      long bytes = 0;
      try (InputStream in = zip.getInputStream(entry)) {
        for (int n = in.read(chunk); n > 0; n = in.read(chunk)) {
          digest.update(chunk, 0, n);
          bytes += n;
        }
      }
      if (bytes != info.bytes()
          || !HexFormat.of().formatHex(digest.digest()).equals(info.sha256())) {
        throw UserError.of(
                "RT0206",
                "entry '%s' of %s does not match its hash in the manifest",
                info.path(),
                path)
            .withHint("the file is damaged; compile or copy it again");
      }
    }
  }

  private ZipArchiveEntry find(String entry) {
    ZipArchiveEntry found = entries.get(entry);
    if (found == null) {
      throw UserError.of("RT0205", "%s holds no entry '%s'", path, entry);
    }
    return found;
  }

  private UserError damaged(String entry, IOException cause) {
    return UserError.of(
            "RT0202", "entry '%s' of %s cannot be read: %s", entry, path, cause.getMessage())
        .causedBy(cause);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void close(ZipFile zip) {
    if (zip != null) {
      try {
        zip.close();
      } catch (IOException e) {
        throw UserError.of("RT0202", "cannot close the artifact: %s", e.getMessage())
            .causedBy(e);
      }
    }
  }
}
