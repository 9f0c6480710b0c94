package org.quantcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;

class NativeBufferTest {
  @Test
  void everyBufferIsAlignedZeroedAndKeepsWhatIsWritten() {
    for (int bytes : new int[] {0, 1, 4, 63, 64, 65, 4096}) {
      try (NativeBuffer buffer = new NativeBuffer(bytes)) {
        assertThat(buffer.address() % NativeBuffer.ALIGNMENT).isZero();
        for (int i = 0; i < bytes; i++) {
          assertThat(buffer.view(i, 1).get(0)).isZero();
          buffer.view(i, 1).put(0, (byte) i);
        }
        for (int i = 0; i < bytes; i++) {
          assertThat(buffer.view(0, bytes).get(i)).isEqualTo((byte) i);
        }
      }
    }
  }

  @Test
  void aBufferMayBeLargerThanTwoGibibytes() {
    long bytes = 5L << 30;
    try (NativeBuffer buffer = new NativeBuffer(bytes)) {
      buffer.view(bytes - 8, 8).putDouble(0, 2.5);
      assertThat(buffer.view(bytes - 16, 16).getDouble(8)).isEqualTo(2.5);
      assertThatThrownBy(() -> buffer.view(0, 1L << 31))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void accessOutsideOfABufferOrAfterItsEndIsRefused() {
    NativeBuffer buffer = new NativeBuffer(16);
    assertThatThrownBy(() -> buffer.view(8, 9)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.view(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.view(1, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.view(Long.MAX_VALUE, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    buffer.close();
    buffer.close();
    assertThatThrownBy(() -> buffer.view(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void tooMuchMemoryIsACodedError() {
    assertThatThrownBy(() -> new NativeBuffer(Long.MAX_VALUE / 4))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0411"));
    assertThatThrownBy(() -> new NativeBuffer(Long.MAX_VALUE)).isInstanceOf(RuntimeException.class);
  }
}
