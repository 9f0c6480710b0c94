package org.quantcache.kernels.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.HalfFloats;

class PanelPackerTest {
  @Test
  void everyElementIsAtItsIndexAndTheRestIsZero() throws IOException {
    Random random = new Random(3);
    for (ScalarType element : new ScalarType[] {ScalarType.F32, ScalarType.F16, ScalarType.BF16}) {
      for (int[] shape :
          new int[][] {{1, 1, 8}, {7, 5, 8}, {8, 5, 8}, {9, 1, 8}, {33, 17, 16}, {64, 3, 32}}) {
        int outputs = shape[0];
        int inputs = shape[1];
        int width = shape[2];
        float[] matrix = new float[outputs * inputs];
        for (int i = 0; i < matrix.length; i++) {
          // Whole numbers up to 128 are exact in all three kinds.
          matrix[i] = 1 + random.nextInt(128);
        }
        ByteBuffer packed = pack(matrix, outputs, inputs, width, element);
        long elements = PanelPacker.elements(outputs, inputs, width);
        assertThat(packed.capacity()).isEqualTo((int) elements * element.bytes());
        float sum = 0;
        for (int i = 0; i < elements; i++) {
          sum += value(packed, i, element);
        }
        float expected = 0;
        for (int n = 0; n < outputs; n++) {
          for (int k = 0; k < inputs; k++) {
            expected += matrix[n * inputs + k];
            int index = Math.toIntExact(PanelPacker.index(n, k, inputs, width));
            assertThat(value(packed, index, element)).isEqualTo(matrix[n * inputs + k]);
          }
        }
        assertThat(sum).isEqualTo(expected);
      }
    }
  }

  @Test
  void aPanelHoldsItsRowsSideBySideAndZerosAtTheEnd() throws IOException {
    ByteBuffer packed = pack(new float[] {1, 2, 3, 4, 5, 6}, 3, 2, 2, ScalarType.F32);
    float[] found = new float[8];
    packed.asFloatBuffer().get(found);
    assertThat(found).containsExactly(1, 3, 2, 4, 5, 0, 6, 0);
  }

  @Test
  void anElementKindThatIsNoFloatIsRefused() {
    assertThatThrownBy(() -> pack(new float[] {1}, 1, 1, 8, ScalarType.I8))
        .hasMessageContaining("i8");
  }

  private static ByteBuffer pack(
      float[] matrix, int outputs, int inputs, int width, ScalarType element) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PanelPacker.pack(
        outputs,
        inputs,
        width,
        element,
        (row, into) -> System.arraycopy(matrix, (int) row * inputs, into, 0, inputs),
        Channels.newChannel(out));
    return ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static float value(ByteBuffer packed, int index, ScalarType element) {
    return switch (element) {
      case F32 -> packed.getFloat(4 * index);
      case F16 -> HalfFloats.fromHalf(packed.getShort(2 * index));
      case BF16 -> HalfFloats.fromBfloat16(packed.getShort(2 * index));
      default -> throw new IllegalArgumentException(element.text());
    };
  }
}
