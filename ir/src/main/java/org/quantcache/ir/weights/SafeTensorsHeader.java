package org.quantcache.ir.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;

/**
 * The JSON header of a safetensors file, read token by token and checked: every key once, known element kinds, sizes
 * that do not overflow, data parts that are aligned and fill the file without holes or overlaps.
 */
final class SafeTensorsHeader {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String file;
  private final long dataBytes;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafeTensorsHeader(String file, long dataBytes) {
    this.file = file;
    this.dataBytes = dataBytes;
  }

  /** Parses {@code header}; the data part behind it has {@code dataBytes} bytes. */
  static SafeTensorsHeader parse(String file, byte[] header, long dataBytes) {
    SafeTensorsHeader out = new SafeTensorsHeader(file, dataBytes);
    // A decoder that refuses malformed text; the parser alone would also guess UTF-16 and UTF-32.
    Reader text = new InputStreamReader(
        new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder());
    try (JsonParser parser = JSON.createParser(text)) {
      out.read(parser);
    } catch (JsonProcessingException e) {
      String code = e.getOriginalMessage().startsWith("Duplicate field") ? "IM0105" : "IM0104";
      throw UserError.of(code, "header of %s: %s", file, e.getOriginalMessage())
          .withHint("the file is damaged or was not written as safetensors");
    } catch (CharacterCodingException e) {
      throw UserError.of("IM0104", "header of %s is no UTF-8 text", file)
          .withHint("the file is damaged or was not written as safetensors");
    } catch (IOException e) {
      throw UserError.of("IM0104", "header of %s cannot be read: %s", file, e.getMessage())
          .causedBy(e);
    }
    out.checkCoverage();
    return out;
  }

  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  private void read(JsonParser parser) throws IOException {
    expect(parser.nextToken() == JsonToken.START_OBJECT, "header is no JSON object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      if (key.equals("__metadata__")) {
        readMetadata(parser);
      } else {
        tensors.put(key, readTensor(parser, key));
      }
    }
    expect(parser.currentToken() == JsonToken.END_OBJECT, "header does not end as a JSON object");
    expect(parser.nextToken() == null, "text follows the header's JSON object");
  }

  private void readMetadata(JsonParser parser) throws IOException {
    expect(parser.currentToken() == JsonToken.START_OBJECT, "__metadata__ is no JSON object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      expect(
          parser.nextToken() == JsonToken.VALUE_STRING,
          "__metadata__ value of '" + key + "' is no string");
      metadata.put(key, parser.getText());
    }
  }

  private TensorInfo readTensor(JsonParser parser, String key) throws IOException {
    expect(
        parser.currentToken() == JsonToken.START_OBJECT, "entry '" + key + "' is no JSON object");
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expect(
              parser.currentToken() == JsonToken.VALUE_STRING,
              "dtype of '" + key + "' is no string");
          type = parser.getText();
        }
        case "shape" -> shape = readLongs(parser, key, field);
        case "data_offsets" -> offsets = readLongs(parser, key, field);
        default ->
          throw UserError.of("IM0104", "entry '%s' of %s has unknown field '%s'", key, file, field);
      }
    }
    expect(
        type != null && shape != null && offsets != null,
        "entry '" + key + "' lacks dtype, shape or data_offsets");
    return check(key, type, shape, offsets);
  }

  private List<Long> readLongs(JsonParser parser, String key, String field) throws IOException {
    expect(parser.currentToken() == JsonToken.START_ARRAY, field + " of '" + key + "' is no list");
    List<Long> out = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0,
          field + " of '" + key + "' holds " + parser.getText()
              + ", expected whole numbers below 2^63");
      out.add(parser.getLongValue());
    }
    return out;
  }

  private TensorInfo check(String key, String typeName, List<Long> shape, List<Long> offsets) {
    StoredType type = StoredType.named(typeName)
        .orElseThrow(() -> UserError.of(
            "IM0106",
            "tensor '%s' of %s has element kind %s, expected one of %s",
            key,
            file,
            typeName,
            List.of(StoredType.values())));
    long bytes = type.bytes();
    try {
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
    } catch (ArithmeticException e) {
      throw UserError.of(
          "IM0107", "tensor '%s' of %s has sizes %s, more than 2^63 bytes", key, file, shape);
    }
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
      throw UserError.of(
              "IM0108",
              "tensor '%s' of %s lies at %s, outside of the %d data bytes of the file",
              key,
              file,
              offsets,
              dataBytes)
          .withHint("the file is truncated or damaged");
    }
    if (offsets.get(1) - offsets.get(0) != bytes) {
      throw UserError.of(
          "IM0109",
          "tensor '%s' of %s has %d bytes at %s, but %s%s needs %d",
          key,
          file,
          offsets.get(1) - offsets.get(0),
          offsets,
          type,
          shape,
          bytes);
    }
    if (offsets.get(0) % type.bytes() != 0) {
      throw UserError.of(
              "IM0113",
              "tensor '%s' of %s starts at byte %d, expected a multiple of the %d bytes of its elements",
              key,
              file,
              offsets.get(0),
              type.bytes())
          .withHint("write the file again with the safetensors library, which aligns every tensor");
    }
    return new TensorInfo(key, type, shape, offsets.get(0), bytes);
  }

  private void checkCoverage() {
    List<TensorInfo> sorted = new ArrayList<>(tensors.values());
    sorted.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
    long end = 0;
    String before = "the header";
    for (TensorInfo tensor : sorted) {
      if (tensor.offset() < end) {
        throw UserError.of(
            "IM0110",
            "tensor '%s' of %s starts at byte %d and overlaps %s, which ends at %d",
            tensor.name(),
            file,
            tensor.offset(),
            before,
            end);
      }
      if (tensor.offset() > end) {
        throw UserError.of(
            "IM0111",
            "%s has a hole of %d bytes between %s and tensor '%s'",
            file,
            tensor.offset() - end,
            before,
            tensor.name());
      }
      end = tensor.offset() + tensor.bytes();
      before = "tensor '" + tensor.name() + "'";
    }
    if (end != dataBytes) {
      throw UserError.of("IM0112", "%s has %d bytes behind its last tensor", file, dataBytes - end);
    }
  }

  private void expect(boolean condition, String problem) {
    if (!condition) {
      throw UserError.of("IM0104", "%s", "header of " + file + ": " + problem)
          .withHint("the file is damaged or was not written as safetensors");
    }
  }
}
