package org.quantcache.codegen.cuda;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.quantcache.codegen.cuda.CudaCompiler.Compiled;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.natives.NativeCache;

/**
 * Code for cards that was made before, one file for each piece: a SHA-256, what the kernels take, the code. Files come
 * whole or not at all, so that processes share the folder without locks. Above its limit, what was used longest ago
 * leaves. A folder that cannot be read or written costs time, not a result.
 */
final class CodeCache {
  private static final long LIMIT_BYTES = 1L << 30;
  private static final int HASH_BYTES = 32;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final long limitBytes;

  CodeCache(Path folder, long limitBytes) {
    this.folder = folder;
    this.limitBytes = limitBytes;
  }

  /** The cache of the user. */
  static CodeCache ofUser() {
    return new CodeCache(
        NativeCache.ofUser(System.getenv()).root().resolve("cuda-code"), LIMIT_BYTES);
  }

  private record Kept(Path file, long bytes, FileTime used) {}

  /** What was kept under a key; empty when it is not there or not as it was. */
  Optional<Compiled> find(String key) {
    Path file = folder.resolve(key);
    try {
      byte[] content = Files.readAllBytes(file);
      ByteBuffer kept = ByteBuffer.wrap(content);
      if (kept.remaining() < HASH_BYTES + Integer.BYTES) {
        return Optional.empty();
      }
      byte[] hash = take(kept, HASH_BYTES);
      if (!hash(key, content).equals(HashCode.fromBytes(hash))) {
        return Optional.empty();
      }
      byte[] usage = take(kept, kept.getInt());
      Compiled compiled = new Compiled(
          take(kept, kept.remaining()), JSON.readValue(usage, new TypeReference<>() {}));
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return Optional.of(compiled);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Keeps code under a key, in place of what was there. */
  void keep(String key, Compiled compiled) {
    try {
      byte[] usage = JSON.writeValueAsBytes(compiled.usage());
      byte[] content = new byte[HASH_BYTES + Integer.BYTES + usage.length + compiled.code().length];
      ByteBuffer.wrap(content)
          .position(HASH_BYTES)
          .putInt(usage.length)
          .put(usage)
          .put(compiled.code());
      hash(key, content).writeBytesTo(content, 0, HASH_BYTES);
      Files.createDirectories(folder);
      AtomicFile.write(folder.resolve(key), content);
      trim();
    } catch (IOException | UserError e) {
      // The code is there all the same; the next time it is made again.
      return;
    }
  }

  /** Covers the key as well: a file under another name is not what was asked for. */
  private static HashCode hash(String key, byte[] content) {
    return Hashing.sha256()
        .newHasher()
        .putString(key, StandardCharsets.UTF_8)
        .putBytes(content, HASH_BYTES, content.length - HASH_BYTES)
        .hash();
  }

  private static byte[] take(ByteBuffer from, int bytes) {
    byte[] out = new byte[bytes];
    from.get(out);
    return out;
  }

  private void trim() throws IOException {
    List<Kept> all = all();
    long bytes = all.stream().mapToLong(Kept::bytes).sum();
    all.sort(Comparator.comparing(Kept::used));
    for (Kept oldest : all) {
      if (bytes <= limitBytes) {
        return;
      }
      Files.deleteIfExists(oldest.file());
      bytes -= oldest.bytes();
    }
  }

  private List<Kept> all() throws IOException {
    List<Kept> out = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        try {
          BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
          out.add(new Kept(file, facts.size(), facts.lastModifiedTime()));
        } catch (NoSuchFileException e) {
          // Another process was faster in removing it.
          continue;
        }
      }
    }
    return out;
  }
}
