package org.quantcache.kernels.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The smallest shared library that Linux on x86_64 loads: a name and no symbol. It stands in for libraries that another
 * was linked with and whose functions are never called, so that they need not be shipped.
 */
final class EmptyLibrary {
  private static final int HEADER_BYTES = 64;
  private static final int SEGMENT_BYTES = 56;
  private static final int SEGMENTS = 3;
  private static final int SYMBOL_BYTES = 24;
  private static final int HASH_BYTES = 16;
  private static final int DYNAMIC_ENTRIES = 7;
  private static final int PAGE = 4096;

  private static final int READ_WRITE = 6;

  private EmptyLibrary() {}

  /** The ELF file for a library of this name. */
  static byte[] bytes(String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    int strings = HEADER_BYTES + SEGMENTS * SEGMENT_BYTES;
    int stringBytes = 1 + text.length + 1;
    int symbols = align8(strings + stringBytes);
    int hash = symbols + SYMBOL_BYTES;
    int dynamic = align8(hash + HASH_BYTES);
    int dynamicBytes = DYNAMIC_ENTRIES * 16;
    int size = dynamic + dynamicBytes;

    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    out.putShort((short) 3).putShort((short) 62).putInt(1); // shared object, x86_64, version 1
    out.putLong(0).putLong(HEADER_BYTES).putLong(0).putInt(0);
    out.putShort((short) HEADER_BYTES).putShort((short) SEGMENT_BYTES).putShort((short) SEGMENTS);
    out.putShort((short) 64).putShort((short) 0).putShort((short) 0);
    // The dynamic linker relocates the dynamic section in place, so the one loaded segment is
    // writable.
    segment(out, 1, 0, size, PAGE);
    segment(out, 2, dynamic, dynamicBytes, 8);
    // Without this segment the loader would ask for an executable stack.
    segment(out, 0x6474e551, 0, 0, 16);
    out.put((byte) 0).put(text).put((byte) 0);
    out.position(hash).putInt(1).putInt(1).putInt(0).putInt(0); // one bucket, one (null) symbol
    out.position(dynamic);
    entry(out, 14, 1); // DT_SONAME
    entry(out, 4, hash);
    entry(out, 5, strings);
    entry(out, 6, symbols);
    entry(out, 10, stringBytes);
    entry(out, 11, SYMBOL_BYTES);
    entry(out, 0, 0);
    return out.array();
  }

  private static void segment(ByteBuffer out, int type, long offset, long bytes, long alignment) {
    out.putInt(type).putInt(READ_WRITE).putLong(offset).putLong(offset).putLong(offset);
    out.putLong(bytes).putLong(bytes).putLong(alignment);
  }

  private static void entry(ByteBuffer out, long tag, long value) {
    out.putLong(tag).putLong(value);
  }

  private static int align8(int value) {
    return (value + 7) & ~7;
  }
}
