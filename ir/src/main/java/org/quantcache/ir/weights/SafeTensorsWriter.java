package org.quantcache.ir.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors as a stream: the tensors are declared first, then their bytes follow: tensors that fill whole cache
 * lines, then wide elements before narrow ones, otherwise as declared. So every tensor starts at a multiple of its
 * element size, and the large ones at a cache line. The header is padded with blanks so that the data part starts at a multiple of 64 bytes. Same input, same bytes.
 */
public final class SafeTensorsWriter {
  private static final int ALIGNMENT = 64;

  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /** Free text for the header. */
  public SafeTensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Declares the next tensor. */
  public SafeTensorsWriter declare(String name, StoredType type, List<Long> shape) {
    if (name.equals("__metadata__")) {
      throw new IllegalArgumentException("'" + name + "' is the name of the header's free text");
    }
    long bytes = type.bytes();
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("tensor '" + name + "' has sizes " + shape);
      }
      bytes = Math.multiplyExact(bytes, size);
    }
    if (tensors.putIfAbsent(name, new TensorInfo(name, type, shape, 0, bytes)) != null) {
      throw new IllegalArgumentException("tensor '" + name + "' is declared twice");
    }
    return this;
  }

  private static int rank(TensorInfo tensor) {
    return tensor.bytes() % ALIGNMENT == 0 ? Integer.MIN_VALUE : -tensor.type().bytes();
  }

  /** The tensors in the order of the file. */
  public List<TensorInfo> declared() {
    List<TensorInfo> sorted = new ArrayList<>(tensors.values());
    sorted.sort(Comparator.comparingInt(SafeTensorsWriter::rank));
    long offset = 0;
    for (int i = 0; i < sorted.size(); i++) {
      TensorInfo tensor = sorted.get(i);
      sorted.set(
          i, new TensorInfo(tensor.name(), tensor.type(), tensor.shape(), offset, tensor.bytes()));
      offset = Math.addExact(offset, tensor.bytes());
    }
    return sorted;
  }

  /** Bytes of the whole file. */
  public long fileBytes() {
    return header().length + dataBytes();
  }

  /** Bytes behind the header. */
  public long dataBytes() {
    return tensors.values().stream().mapToLong(TensorInfo::bytes).sum();
  }

  /** The header with its length in front. */
  public byte[] header() {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = new JsonFactory().createGenerator(json)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
      }
      for (TensorInfo tensor : declared()) {
        out.writeObjectFieldStart(tensor.name());
        out.writeStringField("dtype", tensor.type().name());
        writeLongs(out, "shape", tensor.shape());
        writeLongs(out, "data_offsets", List.of(tensor.offset(), tensor.offset() + tensor.bytes()));
        out.writeEndObject();
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("memory streams do not fail", e);
    }
    int padded = (8 + json.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer header = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(padded - 8).put(json.toByteArray());
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.array();
  }

  /** Gives the bytes of the declared tensors. */
  @FunctionalInterface
  public interface Source {
    /** Writes exactly {@code tensor.bytes()} bytes. */
    void write(TensorInfo tensor, WritableByteChannel out) throws IOException;
  }

  /** Writes header and tensors. @throws IllegalStateException when a source gives the wrong number of bytes */
  public void write(WritableByteChannel channel, Source source) throws IOException {
    CountingChannel counting = new CountingChannel(channel);
    counting.writeFully(ByteBuffer.wrap(header()));
    for (TensorInfo tensor : declared()) {
      long before = counting.written;
      source.write(tensor, counting);
      if (counting.written - before != tensor.bytes()) {
        throw new IllegalStateException("tensor '" + tensor.name() + "' has " + tensor.bytes()
            + " bytes, written were " + (counting.written - before));
      }
    }
  }

  private static void writeLongs(JsonGenerator out, String field, List<Long> values)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (long value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private static final class CountingChannel implements WritableByteChannel {
    private final WritableByteChannel target;
    private long written;

    CountingChannel(WritableByteChannel target) {
      this.target = target;
    }

    void writeFully(ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining()) {
        write(buffer);
      }
    }

    /** Writes all of it: callers need no loop. */
    @Override
    public int write(ByteBuffer buffer) throws IOException {
      int bytes = buffer.remaining();
      while (buffer.hasRemaining()) {
        target.write(buffer);
      }
      written += bytes;
      return bytes;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() {}
  }
}
