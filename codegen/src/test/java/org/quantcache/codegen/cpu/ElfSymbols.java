package org.quantcache.codegen.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the dynamic symbols of a 64-bit little-endian ELF file, for tests. */
final class ElfSymbols {
  private static final int SECTION_DYNSYM = 11;
  private static final int SYMBOL_BYTES = 24;
  private static final int BINDING_WEAK = 2;

  private ElfSymbols() {}

  /** A dynamic symbol: one that is not defined is wanted from other libraries. */
  record Symbol(String name, boolean defined, boolean weak) {}

  static List<Symbol> of(byte[] file) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.getInt(0) != 0x464c457f || file[4] != 2 || file[5] != 1) {
      throw new IllegalArgumentException("no 64-bit little-endian ELF file");
    }
    long sections = elf.getLong(0x28);
    int sectionBytes = elf.getShort(0x3a);
    int sectionCount = elf.getShort(0x3c);
    for (int i = 0; i < sectionCount; i++) {
      int section = Math.toIntExact(sections + (long) i * sectionBytes);
      if (elf.getInt(section + 4) == SECTION_DYNSYM) {
        int strings = Math.toIntExact(sections + (long) elf.getInt(section + 0x28) * sectionBytes);
        return read(
            elf,
            Math.toIntExact(elf.getLong(section + 0x18)),
            Math.toIntExact(elf.getLong(section + 0x20)),
            Math.toIntExact(elf.getLong(strings + 0x18)));
      }
    }
    throw new IllegalArgumentException("no dynamic symbols");
  }

  private static List<Symbol> read(ByteBuffer elf, int offset, int bytes, int strings) {
    List<Symbol> out = new ArrayList<>();
    // Symbol 0 is the null symbol.
    for (int at = offset + SYMBOL_BYTES; at < offset + bytes; at += SYMBOL_BYTES) {
      boolean weak = (elf.get(at + 4) & 0xff) >> 4 == BINDING_WEAK;
      boolean defined = elf.getShort(at + 6) != 0;
      out.add(new Symbol(text(elf, strings + elf.getInt(at)), defined, weak));
    }
    return out;
  }

  private static String text(ByteBuffer elf, int start) {
    int end = start;
    while (elf.get(end) != 0) {
      end++;
    }
    return new String(elf.array(), start, end - start, StandardCharsets.US_ASCII);
  }
}
