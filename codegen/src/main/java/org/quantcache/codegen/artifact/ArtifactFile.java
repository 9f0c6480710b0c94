package org.quantcache.codegen.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.quantcache.kernels.artifact.Manifest;

/**
 * The archive while it is written: entries are stored without compression, at fixed times, each aligned to a page so
 * that it can be mapped, and each hashed on its way. The channel stays the caller's.
 */
final class ArtifactFile {
  private static final int PAGE = 4096;
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final ZipArchiveOutputStream zip;
  private final List<Manifest.EntryInfo> entries = new ArrayList<>();

  ArtifactFile(FileChannel channel) throws IOException {
    this.zip = new ZipArchiveOutputStream(channel);
  }

  /** Writes the content of an entry. */
  @FunctionalInterface
  interface Content {
    void write(WritableByteChannel out) throws IOException;
  }

  /** Entries so far. */
  List<Manifest.EntryInfo> entries() {
    return entries;
  }

  void add(String path, byte[] content) throws IOException {
    add(path, content.length, out -> out.write(ByteBuffer.wrap(content)));
  }

  void add(String path, String content) throws IOException {
    add(path, content.getBytes(StandardCharsets.UTF_8));
  }

  void addJson(String path, Object content) throws IOException {
    add(path, json(content));
  }

  void add(String path, long bytes, Content content) throws IOException {
    MessageDigest digest = sha256();
    put(path, bytes, out -> content.write(Channels.newChannel(new HashingStream(out, digest))));
    entries.add(new Manifest.EntryInfo(path, bytes, HexFormat.of().formatHex(digest.digest())));
  }

  /** Writes the manifest, which lists the other entries. */
  void finish(Manifest manifest) throws IOException {
    byte[] text = json(manifest).getBytes(StandardCharsets.UTF_8);
    put(Manifest.ENTRY, text.length, out -> out.write(text));
    zip.finish();
  }

  private interface Body {
    void write(OutputStream out) throws IOException;
  }

  private void put(String path, long bytes, Body body) throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(path);
    entry.setMethod(ZipArchiveEntry.STORED);
    entry.setSize(bytes);
    // Zip keeps local time: this moment reads the same in every zone.
    entry.setTime(TIME.atZone(ZoneId.systemDefault()).toInstant().toEpochMilli());
    entry.setAlignment(PAGE);
    zip.putArchiveEntry(entry);
    body.write(zip);
    zip.closeArchiveEntry();
  }

  static String json(Object content) throws JsonProcessingException {
    return JSON.writeValueAsString(content) + "\n";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static final class HashingStream extends OutputStream {
    private final OutputStream out;
    private final MessageDigest digest;

    HashingStream(OutputStream out, MessageDigest digest) {
      this.out = out;
      this.digest = digest;
    }

    @Override
    public void write(int b) throws IOException {
      digest.update((byte) b);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      digest.update(bytes, offset, length);
      out.write(bytes, offset, length);
    }
  }
}
