package org.quantcache.kernels.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EmptyLibraryTest {
  @Test
  void anEmptyLibraryHasTheRightShape() {
    byte[] library = EmptyLibrary.bytes("libanything.so.1");
    assertThat(library).startsWith(0x7f, 'E', 'L', 'F', 2, 1);
    assertThat(new String(library, StandardCharsets.ISO_8859_1)).contains("libanything.so.1\0");
  }
}
