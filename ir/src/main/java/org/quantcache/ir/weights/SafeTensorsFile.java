package org.quantcache.ir.weights;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.diagnostics.UserError;

/**
 * A memory-mapped safetensors file, or one inside a bigger file. Files and tensors may be larger than 2 GiB; nothing
 * is read before it is asked for. A malformed file is one coded error ({@code IM01xx}).
 */
public final class SafeTensorsFile implements WeightStore {
  /** Longest header that is accepted, as in the original implementation. */
  public static final long MAX_HEADER_BYTES = 100_000_000;

  /** Distance of the mappings; they are twice as long, so that any request of 1 GiB lies in one of them. */
  private static final long SEGMENT_BYTES = 1L << 30;

  private final Path path;
  private final long dataStart;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final ByteBuffer[] segments;

  private SafeTensorsFile(
      Path path, long dataStart, SafeTensorsHeader header, ByteBuffer[] segments) {
    this.path = path;
    this.dataStart = dataStart;
    this.tensors = ImmutableMap.copyOf(header.tensors());
    this.metadata = ImmutableMap.copyOf(header.metadata());
    this.segments = segments;
  }

  /** Opens a whole file. */
  public static SafeTensorsFile open(Path path) {
    try {
      return open(path, 0, Files.size(path));
    } catch (NoSuchFileException e) {
      throw UserError.of("IM0101", "no file %s", path).withHint("check the path");
    } catch (IOException e) {
      throw UserError.of("IM0101", "%s cannot be read: %s", path, e.getMessage())
          .causedBy(e);
    }
  }

  /** Opens the part {@code offset..offset+length} of a file. */
  public static SafeTensorsFile open(Path path, long offset, long length) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (offset < 0 || length < 0 || offset > channel.size() - length) {
        throw UserError.of(
                "IM0102",
                "%s has %d bytes, expected %d from byte %d on",
                path,
                channel.size(),
                length,
                offset)
            .withHint("the file is truncated");
      }
      long headerBytes = headerBytes(path, channel, offset, length);
      byte[] header = read(path, channel, offset + 8, (int) headerBytes);
      long dataStart = offset + 8 + headerBytes;
      long dataBytes = length - 8 - headerBytes;
      SafeTensorsHeader parsed = SafeTensorsHeader.parse(path.toString(), header, dataBytes);
      return new SafeTensorsFile(path, dataStart, parsed, map(channel, dataStart, dataBytes));
    } catch (IOException e) {
      throw UserError.of("IM0101", "%s cannot be read: %s", path, e.getMessage())
          .causedBy(e);
    }
  }

  public Path path() {
    return path;
  }

  /** The header's free text. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Tensors in header order. */
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /** First byte of the data part in the file. */
  public long dataStart() {
    return dataStart;
  }

  @Override
  public Set<String> keys() {
    return tensors.keySet();
  }

  @Override
  public Optional<TensorData> find(String key) {
    TensorInfo info = tensors.get(key);
    return info == null ? Optional.empty() : Optional.of(new Mapped(info));
  }

  /** Mappings are released by the garbage collector once nobody reads them. */
  @Override
  public void close() {}

  private static long headerBytes(Path path, FileChannel channel, long offset, long length)
      throws IOException {
    if (length < 8) {
      throw UserError.of(
              "IM0102",
              "%s has %d bytes, expected at least the 8 of the header length",
              path,
              length)
          .withHint("the file is truncated");
    }
    long headerBytes = ByteBuffer.wrap(read(path, channel, offset, 8))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getLong();
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw UserError.of(
              "IM0103",
              "%s states a header of %s bytes, expected at most %d",
              path,
              Long.toUnsignedString(headerBytes),
              MAX_HEADER_BYTES)
          .withHint("the file is damaged or was not written as safetensors");
    }
    if (headerBytes > length - 8) {
      throw UserError.of(
              "IM0102", "%s has %d bytes, fewer than its header of %d", path, length, headerBytes)
          .withHint("the file is truncated");
    }
    return headerBytes;
  }

  private static byte[] read(Path path, FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw UserError.of("IM0102", "%s ended while its header was read", path)
            .withHint("the file is truncated");
      }
    }
    return buffer.array();
  }

  private static ByteBuffer[] map(FileChannel channel, long start, long bytes) throws IOException {
    int count = (int) ((bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
    ByteBuffer[] out = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long from = i * SEGMENT_BYTES;
      long length = Math.min(bytes - from, 2 * SEGMENT_BYTES - 1);
      out[i] = channel.map(FileChannel.MapMode.READ_ONLY, start + from, length);
    }
    return out;
  }

  private final class Mapped implements TensorData {
    private final TensorInfo info;

    Mapped(TensorInfo info) {
      this.info = info;
    }

    @Override
    public TensorInfo info() {
      return info;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      if (offset < 0 || length < 0 || offset > info.bytes() - length || length > SEGMENT_BYTES) {
        throw new IndexOutOfBoundsException(offset + ".." + (offset + length) + " of " + info);
      }
      if (length == 0) {
        return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
      }
      long at = info.offset() + offset;
      int segment = (int) (at / SEGMENT_BYTES);
      int inside = (int) (at - segment * SEGMENT_BYTES);
      return segments[segment].slice(inside, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
