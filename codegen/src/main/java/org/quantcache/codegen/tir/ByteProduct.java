package org.quantcache.codegen.tir;

/**
 * How a vector instruction multiplies bytes: into how many 32-bit words a quad of the depth axis is spread before, so
 * that each word of the operand times each word of the weights gives a part of a 32-bit sum. All are exact.
 */
enum ByteProduct {
  /** A word is a quad of bytes; one instruction multiplies and adds to a 32-bit sum. */
  QUADS(1),
  /** A word is a quad of bytes; pairs of products are added in 16 bits while they fit. */
  BYTE_PAIRS(1),
  /** A word is two 16-bit numbers; their products are added in 32 bits. */
  WORD_PAIRS(2),
  /** A word is one number. */
  WIDE(4);

  private final int words;

  ByteProduct(int words) {
    this.words = words;
  }

  /** Words of a quad. */
  int words() {
    return words;
  }

  static ByteProduct of(IntegerGemmSpec spec, CpuTarget target) {
    return switch (target.dot()) {
      case QUADS -> QUADS;
      case PAIRS -> quadsIn16Bits(spec) > 0 ? BYTE_PAIRS : WORD_PAIRS;
      case NONE -> WIDE;
    };
  }

  /** Quads whose pairs of products can be added before a 16-bit sum may overflow. */
  static int quadsIn16Bits(IntegerGemmSpec spec) {
    int pair = 2 * (((1 << spec.activationBits()) - 1) << (spec.weightBits() - 1));
    return Short.MAX_VALUE / pair;
  }

  /**
   * Word {@code index} of quads of unsigned bytes.
   *
   * @param quads bytes k, k + 1, ... from the lowest bits up
   */
  Expr unsigned(Tir t, Expr quads, int index) {
    return switch (this) {
      case QUADS, BYTE_PAIRS -> quads;
      case WORD_PAIRS ->
        t.bitsOfEither(
            unsignedByte(t, quads, 2 * index),
            t.shiftLeft(unsignedByte(t, quads, 2 * index + 1), t.integer(16)));
      case WIDE -> unsignedByte(t, quads, index);
    };
  }

  /** Word {@code index} of quads of signed bytes. */
  Expr signed(Tir t, Expr quads, int index) {
    return switch (this) {
      case QUADS, BYTE_PAIRS -> quads;
      case WORD_PAIRS ->
        t.bitsOfEither(
            t.bitsOfBoth(signedByte(t, quads, 2 * index), t.integer(0xffff)),
            t.shiftLeft(signedByte(t, quads, 2 * index + 1), t.integer(16)));
      case WIDE -> signedByte(t, quads, index);
    };
  }

  private static Expr unsignedByte(Tir t, Expr quads, int index) {
    Expr shifted = index == 0 ? quads : t.shiftRight(quads, t.integer(8L * index));
    return t.bitsOfBoth(shifted, t.integer(0xff));
  }

  private static Expr signedByte(Tir t, Expr quads, int index) {
    Expr top = index == 3 ? quads : t.shiftLeft(quads, t.integer(24 - 8L * index));
    return t.shiftRight(top, t.integer(24));
  }

  /** {@code sum} plus the products of words of 32-bit sums. */
  Expr add(Tir t, Expr sum, Expr operand, Expr weights) {
    int lanes = sum.lanes();
    return switch (this) {
      case QUADS ->
        t.instruction(
            "llvm.x86.avx512.vpdpbusd." + 32 * lanes, "int32", lanes, sum, operand, weights);
      case WORD_PAIRS ->
        t.add(
            sum,
            addPairs(
                t,
                t.reinterpret(operand, "int16", 2 * lanes),
                t.reinterpret(weights, "int16", 2 * lanes)));
      case WIDE -> t.add(sum, t.mul(operand, weights));
      case BYTE_PAIRS -> throw new IllegalStateException("pairs of bytes are added in 16 bits");
    };
  }

  /** Products of the bytes of two vectors of words, pairs of them added: 16-bit sums. */
  static Expr bytePairs(Tir t, Expr operand, Expr weights) {
    int lanes = operand.lanes();
    return t.instruction(
        lanes == 16 ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw",
        "int16",
        2 * lanes,
        t.reinterpret(operand, "int8", 4 * lanes),
        t.reinterpret(weights, "int8", 4 * lanes));
  }

  /** Products of 16-bit numbers, neighbours added: 32-bit sums. */
  static Expr addPairs(Tir t, Expr a, Expr b) {
    int lanes = a.lanes() / 2;
    return t.instruction(
        lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd",
        "int32",
        lanes,
        a,
        b);
  }
}
