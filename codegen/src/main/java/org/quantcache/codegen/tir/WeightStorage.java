package org.quantcache.codegen.tir;

import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.ScalarType;

/** How the elements of a weight are stored; arithmetic is always f32. */
public enum WeightStorage {
  F32("float32"),
  F16("float16"),
  BF16("uint16");

  private final String cell;

  WeightStorage(String cell) {
    this.cell = cell;
  }

  /** The storage of an element kind. */
  public static WeightStorage of(ElementType element) {
    for (WeightStorage storage : values()) {
      if (ScalarType.valueOf(storage.name()) == element) {
        return storage;
      }
    }
    throw new IllegalArgumentException("no kernel reads weights of " + element.text());
  }

  /** Type of one cell in TIR. */
  String cell() {
    return cell;
  }

  /** Elements as f32. LLVM has no cast from bfloat16 here: its bits are the upper half of a float. */
  Expr load(Tir t, Buffer weights, Expr index, int lanes) {
    Expr raw = t.load(weights, index, lanes);
    return switch (this) {
      case F32 -> raw;
      case F16 -> t.cast(raw, "float32");
      case BF16 ->
        t.reinterpret(
            t.shiftLeft(t.cast(raw, "uint32"), t.cast(t.integer(16), "uint32")), "float32");
    };
  }
}
