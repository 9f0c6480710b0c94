package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of four vectors of whole numbers from 0 to 255, in order. Two steps of packing by pairs and a permutation are four
 * instructions, where narrowing each vector by itself takes eight.
 */
final class BytePacking {
  static final int VECTORS = 4;

  private static final int AVX2_LANES = 8;
  private static final int AVX512_LANES = 16;
  /** 32-bit lanes of the 128 bits within which x86 packs. */
  private static final int SECTION = 4;

  private BytePacking() {}

  /** Whether the processor packs vectors of so many lanes. */
  static boolean packs(int lanes) {
    return lanes == AVX2_LANES || lanes == AVX512_LANES;
  }

  /** The bytes of four vectors of uint32. */
  static Expr bytes(Body body, List<Expr> values) {
    Tir t = body.tir();
    int lanes = values.get(0).lanes();
    boolean wide = lanes == AVX512_LANES;
    String words = wide ? "llvm.x86.avx512.packusdw.512" : "llvm.x86.avx2.packusdw";
    String bytes = wide ? "llvm.x86.avx512.packuswb.512" : "llvm.x86.avx2.packuswb";
    List<Expr> whole = values.stream().map(v -> t.reinterpret(v, "int32")).toList();
    Expr first = t.instruction(words, "int16", 2 * lanes, whole.get(0), whole.get(1));
    Expr second = t.instruction(words, "int16", 2 * lanes, whole.get(2), whole.get(3));
    Expr packed = t.instruction(
        bytes, "uint8", 4 * lanes, body.let("words", first), body.let("words", second));
    // Each section holds four bytes of every vector.
    List<Integer> order = new ArrayList<>();
    for (int vector = 0; vector < VECTORS; vector++) {
      for (int section = 0; section < lanes / SECTION; section++) {
        order.add(SECTION * section + vector);
      }
    }
    Expr quads = body.let("quads", t.reinterpret(packed, "int32", lanes));
    return t.reinterpret(t.shuffle(quads, order), "uint8", 4 * lanes);
  }
}
