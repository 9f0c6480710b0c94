package org.quantcache.ir.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.ir.diagnostics.UserError;

final class SafeTensorsFileTest {
  private static final String ONE =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

  @TempDir
  Path folder;

  static Stream<Arguments> malformedFiles() {
    return Stream.of(
        arguments("IM0102", "empty file", new byte[0]),
        arguments("IM0102", "seven bytes", new byte[7]),
        arguments(
            "IM0102",
            "header longer than the file",
            TestFiles.file(100, new byte[10], new byte[0])),
        arguments(
            "IM0103",
            "header above the limit",
            TestFiles.file(100_000_001, new byte[10], new byte[0])),
        arguments(
            "IM0103",
            "largest header length",
            TestFiles.file(Long.MAX_VALUE, new byte[10], new byte[0])),
        arguments(
            "IM0103", "unsigned header length", TestFiles.file(-1, new byte[10], new byte[0])),
        arguments("IM0104", "header of no bytes", TestFiles.file("", 0)),
        arguments("IM0104", "header of blanks", TestFiles.file("    ", 0)),
        arguments("IM0104", "no JSON", TestFiles.file("weights!", 0)),
        arguments("IM0104", "zero bytes", TestFiles.file("\0\0\0\0", 0)),
        arguments("IM0104", "list", TestFiles.file("[]", 0)),
        arguments("IM0104", "number", TestFiles.file("12", 0)),
        arguments("IM0104", "open object", TestFiles.file(ONE.substring(0, ONE.length() - 1), 8)),
        arguments("IM0104", "text behind the object", TestFiles.file(ONE + "{}", 8)),
        arguments("IM0104", "malformed UTF-8", malformedText()),
        arguments("IM0104", "UTF-16", utf16()),
        arguments("IM0104", "deep nesting", TestFiles.file("{\"a\":" + "[".repeat(50_000), 0)),
        arguments(
            "IM0104",
            "very long number",
            TestFiles.file(entry("F32", "[" + "9".repeat(5000) + "]", "[0,8]"), 8)),
        arguments("IM0104", "entry is a number", TestFiles.file("{\"a\":5}", 0)),
        arguments(
            "IM0104",
            "entry lacks offsets",
            TestFiles.file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8)),
        arguments("IM0104", "unknown field", TestFiles.file(ONE.replace("}}", ",\"x\":1}}"), 8)),
        arguments("IM0104", "dtype is a number", TestFiles.file(ONE.replace("\"F32\"", "32"), 8)),
        arguments("IM0104", "metadata is a list", TestFiles.file("{\"__metadata__\":[]}", 0)),
        arguments(
            "IM0104",
            "metadata value is a number",
            TestFiles.file("{\"__metadata__\":{\"a\":1}}", 0)),
        arguments(
            "IM0104",
            "metadata value is an object",
            TestFiles.file("{\"__metadata__\":{\"a\":{}}}", 0)),
        arguments("IM0104", "negative size", TestFiles.file(entry("F32", "[-2]", "[0,8]"), 8)),
        arguments("IM0104", "size with a point", TestFiles.file(entry("F32", "[2.0]", "[0,8]"), 8)),
        arguments(
            "IM0104",
            "size above 2^63",
            TestFiles.file(entry("F32", "[9223372036854775808]", "[0,8]"), 8)),
        arguments("IM0104", "shape is a number", TestFiles.file(entry("F32", "2", "[0,8]"), 8)),
        arguments(
            "IM0104", "shape holds a list", TestFiles.file(entry("F32", "[[2]]", "[0,8]"), 8)),
        arguments("IM0104", "shape holds NaN", TestFiles.file(entry("F32", "[NaN]", "[0,8]"), 8)),
        arguments("IM0104", "negative offset", TestFiles.file(entry("F32", "[2]", "[-8,0]"), 8)),
        arguments(
            "IM0105",
            "a tensor twice",
            TestFiles.file(ONE.substring(0, ONE.length() - 1) + "," + ONE.substring(1), 8)),
        arguments(
            "IM0105",
            "a field twice",
            TestFiles.file(ONE.replace("}}", ",\"dtype\":\"F32\"}}"), 8)),
        arguments(
            "IM0105",
            "metadata twice",
            TestFiles.file("{\"__metadata__\":{},\"__metadata__\":{}}", 0)),
        arguments(
            "IM0106", "unknown element kind", TestFiles.file(entry("F8_E4M3", "[8]", "[0,8]"), 8)),
        arguments(
            "IM0107",
            "sizes overflow",
            TestFiles.file(entry("F32", "[4294967296,4294967296]", "[0,8]"), 8)),
        arguments(
            "IM0107",
            "bytes overflow",
            TestFiles.file(entry("F64", "[1152921504606846976]", "[0,8]"), 8)),
        arguments(
            "IM0107",
            "product wraps to the right size",
            TestFiles.file(entry("F32", "[4611686018427387906]", "[0,8]"), 8)),
        arguments("IM0108", "end behind the file", TestFiles.file(entry("F32", "[2]", "[0,8]"), 7)),
        arguments("IM0108", "end before start", TestFiles.file(entry("F32", "[2]", "[8,0]"), 8)),
        arguments("IM0108", "one offset", TestFiles.file(entry("F32", "[2]", "[0]"), 8)),
        arguments("IM0108", "three offsets", TestFiles.file(entry("F32", "[2]", "[0,8,8]"), 8)),
        arguments(
            "IM0108",
            "offset near 2^63",
            TestFiles.file(entry("F32", "[2]", "[9223372036854775799,9223372036854775807]"), 8)),
        arguments(
            "IM0109",
            "fewer bytes than the shape",
            TestFiles.file(entry("F32", "[3]", "[0,8]"), 8)),
        arguments(
            "IM0109", "more bytes than the shape", TestFiles.file(entry("F32", "[]", "[0,8]"), 8)),
        arguments("IM0110", "overlap", TestFiles.file(two("[0,8]", "[4,12]"), 12)),
        arguments("IM0110", "the same bytes twice", TestFiles.file(two("[0,8]", "[0,8]"), 8)),
        arguments("IM0111", "hole between", TestFiles.file(two("[0,8]", "[12,20]"), 20)),
        arguments("IM0111", "hole before", TestFiles.file(entry("F32", "[2]", "[4,12]"), 12)),
        arguments("IM0112", "trailing byte", TestFiles.file(ONE, 9)),
        arguments("IM0112", "data without tensors", TestFiles.file("{}", 1)),
        arguments(
            "IM0113",
            "start between elements",
            TestFiles.file(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                    + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[2,10]}}",
                10)));
  }

  @ParameterizedTest(name = "{1} is {0}")
  @MethodSource("malformedFiles")
  void aMalformedFileIsOneCodedError(String code, String name, byte[] content) {
    Path file = TestFiles.write(folder.resolve("bad.safetensors"), content);
    assertThatThrownBy(() -> SafeTensorsFile.open(file))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo(code);
          assertThat(e).hasMessageContaining(file.toString());
        });
  }

  @Test
  void whatIsNoFileIsOneCodedError() {
    assertThatThrownBy(() -> SafeTensorsFile.open(folder.resolve("absent")))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0101"));
    assertThatThrownBy(() -> SafeTensorsFile.open(folder))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0101"));
  }

  @Test
  void aFileWithoutTensorsOpens() {
    try (SafeTensorsFile file = open(TestFiles.file("{}  ", 0))) {
      assertThat(file.keys()).isEmpty();
      assertThat(file.find("a")).isEmpty();
    }
  }

  @Test
  void scalarsAndEmptyTensorsHaveTheirPlaces() {
    String header = "{\"none\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[4,4]},"
        + "\"one\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
    try (SafeTensorsFile file = open(TestFiles.file(header, 4))) {
      assertThat(file.keys()).containsExactly("none", "one");
      assertThat(file.find("none").orElseThrow().bytes(0, 0).remaining()).isZero();
      assertThat(file.find("one").orElseThrow().info().elements()).isEqualTo(1);
    }
  }

  @Test
  void metadataIsKept() {
    try (SafeTensorsFile file =
        open(TestFiles.file("{\"__metadata__\":{\"format\":\"pt\",\"b\":\"\u00fc\"}}", 0))) {
      assertThat(file.metadata()).containsEntry("format", "pt").containsEntry("b", "\u00fc");
    }
  }

  @Test
  void aReadOutsideOfATensorIsRefusedEvenWhereTheFileGoesOn() {
    try (SafeTensorsFile file = open(TestFiles.file(two("[0,8]", "[8,16]"), 16))) {
      TensorData data = file.find("a").orElseThrow();
      assertThat(data.bytes(0, 8).remaining()).isEqualTo(8);
      List<long[]> outside = List.of(
          new long[] {1, 8}, new long[] {-1, 2}, new long[] {9, 0}, new long[] {0, -1}, new long[] {
            Long.MAX_VALUE, 8
          });
      for (long[] part : outside) {
        assertThatThrownBy(() -> data.bytes(part[0], (int) part[1]))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void viewsAreReadOnly() {
    try (SafeTensorsFile file = open(TestFiles.file(ONE, 8))) {
      assertThat(file.find("a").orElseThrow().bytes(0, 8).isReadOnly()).isTrue();
    }
  }

  @Test
  void aFileInsideAnotherOpensThroughItsWindow() {
    byte[] inner = TestFiles.file(
        ONE.length(), ONE.getBytes(StandardCharsets.UTF_8), new byte[] {0, 0, 0, 64, 0, 0, 0, 65});
    byte[] outer =
        ByteBuffer.allocate(inner.length + 100).put(new byte[33]).put(inner).array();
    Path path = TestFiles.write(folder.resolve("outer.bin"), outer);
    try (SafeTensorsFile file = SafeTensorsFile.open(path, 33, inner.length)) {
      float[] values = new float[2];
      file.find("a").orElseThrow().readFloats(0, values, 2);
      assertThat(values).containsExactly(2, 8);
    }
  }

  @Test
  void aWindowBehindTheEndOfItsFileIsATruncatedFile() {
    Path path = TestFiles.write(folder.resolve("outer.bin"), TestFiles.file(ONE, 8));
    long size = TestFiles.file(ONE, 8).length;
    for (long[] window : List.of(
        new long[] {0, size + 1},
        new long[] {size, 8},
        new long[] {Long.MAX_VALUE, 8},
        new long[] {-1, 8},
        new long[] {0, -1},
        new long[] {8, Long.MAX_VALUE})) {
      assertThatThrownBy(() -> SafeTensorsFile.open(path, window[0], window[1]))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("IM0102"));
    }
  }

  /** The file is sparse: only the bytes that are read exist on disk. */
  @Test
  void tensorsAndFilesAboveTwoGibibytesAreRead() throws IOException {
    long large = 5_000_000_001L;
    SafeTensorsWriter writer = new SafeTensorsWriter()
        .declare("large", StoredType.U8, List.of(large))
        .declare("last", StoredType.U8, List.of(4L));
    Path path = folder.resolve("large.safetensors");
    long dataStart = writer.header().length;
    long[] marks = {0, (1L << 30) - 1, 1L << 30, (1L << 31) - 1, 1L << 31, 1L << 32, large - 1};
    try (FileChannel channel = FileChannel.open(
        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.wrap(writer.header()), 0);
      for (int i = 0; i < marks.length; i++) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) (i + 1)}), dataStart + marks[i]);
      }
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), dataStart + large);
    }
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      TensorData data = file.find("large").orElseThrow();
      for (int i = 0; i < marks.length; i++) {
        assertThat(data.bytes(marks[i], 1).get()).as("byte %d", marks[i]).isEqualTo((byte) (i + 1));
      }
      ByteBuffer gibibyte = data.bytes((1L << 31) - 1, 1 << 30);
      assertThat(gibibyte.get(0)).isEqualTo((byte) 4);
      assertThat(gibibyte.get(1)).isEqualTo((byte) 5);
      assertThat(gibibyte.get((1 << 30) - 1)).isZero();
      assertThat(file.find("last").orElseThrow().bytes(0, 4))
          .isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    }
  }

  private SafeTensorsFile open(byte[] content) {
    return SafeTensorsFile.open(TestFiles.write(folder.resolve("good.safetensors"), content));
  }

  private static String entry(String type, String shape, String offsets) {
    return "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets
        + "}}";
  }

  private static String two(String first, String second) {
    return entry("F32", "[2]", first).replace("}}", "},")
        + entry("F32", "[2]", second).replace("{\"a\"", "\"b\"");
  }

  private static byte[] malformedText() {
    byte[] header = "{\"a?\":1}".getBytes(StandardCharsets.UTF_8);
    header[3] = (byte) 0xff;
    return TestFiles.file(header.length, header, new byte[0]);
  }

  private static byte[] utf16() {
    byte[] header = "{}".getBytes(StandardCharsets.UTF_16LE);
    return TestFiles.file(header.length, header, new byte[0]);
  }
}
