package org.quantcache.ir.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SafeTensorsRoundTripTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @EnumSource(StoredType.class)
  void everyElementKindReadsAsFloats(StoredType type) throws IOException {
    try (SafeTensorsFile file = write(type)) {
      float[] values = new float[3];
      file.find("a").orElseThrow().readFloats(1, values, 2);
      assertThat(values)
          .containsExactly(
              type == StoredType.BOOL ? new float[] {1, 1, 0} : new float[] {100, 3, 0});
    }
  }

  @ParameterizedTest
  @EnumSource(StoredType.class)
  void wholeNumberKindsReadAsLongsAndFloatKindsDoNot(StoredType type) throws IOException {
    try (SafeTensorsFile file = write(type)) {
      TensorData data = file.find("a").orElseThrow();
      long[] values = new long[3];
      if (type.scalar().isFloat()) {
        assertThatThrownBy(() -> data.readLongs(0, values, 3))
            .isInstanceOf(IllegalStateException.class);
      } else {
        data.readLongs(0, values, 3);
        assertThat(values)
            .containsExactly(
                type == StoredType.BOOL ? new long[] {0, 1, 1} : new long[] {0, 100, 3});
      }
    }
  }

  @Test
  void signedKindsKeepTheirSignAndUnsignedOnesHaveNone() throws IOException {
    byte[] ones = new byte[8];
    Arrays.fill(ones, (byte) 0xff);
    for (StoredType type :
        List.of(StoredType.I64, StoredType.I32, StoredType.I16, StoredType.I8, StoredType.U8)) {
      SafeTensorsWriter writer = new SafeTensorsWriter().declare("a", type, List.of(1L));
      try (SafeTensorsFile file =
          store(writer, (info, out) -> out.write(ByteBuffer.wrap(ones, 0, type.bytes())))) {
        long[] value = new long[1];
        file.find("a").orElseThrow().readLongs(0, value, 1);
        assertThat(value[0]).as("%s", type).isEqualTo(type == StoredType.U8 ? 255 : -1);
      }
    }
  }

  @Test
  void namesOrderShapesAndMetadataComeBack() throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter()
        .metadata("format", "pt")
        .metadata("quote", "a \"b\" \\ \u00fc \n")
        .declare("z", StoredType.F16, List.of(2L, 3L))
        .declare("a \"name\" \\ \u00fc", StoredType.I64, List.of())
        .declare("empty", StoredType.F32, List.of(4L, 0L))
        .declare("", StoredType.U8, List.of(1L));
    try (SafeTensorsFile file =
        store(writer, (info, out) -> out.write(ByteBuffer.allocate((int) info.bytes())))) {
      assertThat(file.tensors().values()).containsExactlyElementsOf(writer.declared());
      assertThat(file.metadata()).containsEntry("quote", "a \"b\" \\ \u00fc \n").hasSize(2);
    }
  }

  @Test
  void wholeCacheLinesComeFirstThenWideElementsOtherwiseTheOrderStays() throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter()
        .declare("flag", StoredType.BOOL, List.of(3L))
        .declare("half", StoredType.F16, List.of(1L))
        .declare("late", StoredType.I32, List.of(1L))
        .declare("early", StoredType.F32, List.of(1L))
        .declare("long", StoredType.I64, List.of(1L))
        .declare("line", StoredType.U8, List.of(64L));
    try (SafeTensorsFile file =
        store(writer, (info, out) -> out.write(ByteBuffer.allocate((int) info.bytes())))) {
      assertThat(file.tensors().values())
          .extracting(TensorInfo::name)
          .containsExactly("line", "long", "late", "early", "half", "flag");
      assertThat(file.tensors().values())
          .allMatch(tensor -> tensor.offset() % tensor.type().bytes() == 0);
    }
  }

  @Test
  void dataStartsAtAMultipleOf64BytesAndTheSizeIsKnownBeforehand() throws IOException {
    for (int length = 1; length < 70; length++) {
      SafeTensorsWriter writer =
          new SafeTensorsWriter().declare("n".repeat(length), StoredType.U8, List.of(5L));
      byte[] content =
          bytes(writer, (info, out) -> out.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5})));
      assertThat(content).hasSize((int) writer.fileBytes()).endsWith(1, 2, 3, 4, 5);
      assertThat((content.length - 5) % 64).isZero();
    }
  }

  @Test
  void theSameInputGivesTheSameBytesInPartsOfAnySize() throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter().declare("a", StoredType.U8, List.of(100L));
    byte[] data = new byte[100];
    new Random(3).nextBytes(data);
    byte[] whole = bytes(writer, (info, out) -> out.write(ByteBuffer.wrap(data)));
    for (int part : new int[] {1, 7, 64}) {
      byte[] inParts = bytes(writer, (info, out) -> {
        for (int from = 0; from < data.length; from += part) {
          out.write(ByteBuffer.wrap(data, from, Math.min(part, data.length - from)));
        }
      });
      assertThat(inParts).isEqualTo(whole);
    }
  }

  @Test
  void aSourceOfTheWrongLengthIsRefused() {
    SafeTensorsWriter writer = new SafeTensorsWriter().declare("a", StoredType.U8, List.of(4L));
    for (int length : new int[] {0, 3, 5}) {
      assertThatThrownBy(() -> bytes(writer, (info, out) -> out.write(ByteBuffer.allocate(length))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'a'");
    }
  }

  @Test
  void declarationsThatNoFileCanHoldAreRefused() {
    SafeTensorsWriter writer = new SafeTensorsWriter().declare("a", StoredType.U8, List.of(4L));
    assertThatThrownBy(() -> writer.declare("a", StoredType.U8, List.of(4L)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.declare("__metadata__", StoredType.U8, List.of(4L)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.declare("b", StoredType.U8, List.of(-1L)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.declare("b", StoredType.F64, List.of(1L << 61)))
        .isInstanceOf(ArithmeticException.class);
  }

  /** The tensor {@code a} of 0, 100 and 3, or of false, true and true. */
  private SafeTensorsFile write(StoredType type) throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter().declare("a", type, List.of(3L));
    return store(writer, (info, out) -> {
      ByteBuffer data = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (int value : new int[] {0, 100, 3}) {
        switch (type) {
          case F64 -> data.putDouble(value);
          case F32 -> data.putFloat(value);
          case F16 -> data.putShort(HalfFloats.toHalf(value));
          case BF16 -> data.putShort(HalfFloats.toBfloat16(value));
          case I64 -> data.putLong(value);
          case I32 -> data.putInt(value);
          case I16 -> data.putShort((short) value);
          case I8, U8 -> data.put((byte) value);
          case BOOL -> data.put((byte) Math.min(value, 1));
        }
      }
      out.write(data.flip());
    });
  }

  private SafeTensorsFile store(SafeTensorsWriter writer, SafeTensorsWriter.Source source)
      throws IOException {
    return SafeTensorsFile.open(
        TestFiles.write(folder.resolve("a.safetensors"), bytes(writer, source)));
  }

  private static byte[] bytes(SafeTensorsWriter writer, SafeTensorsWriter.Source source)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(Channels.newChannel(out), source);
    return out.toByteArray();
  }
}
