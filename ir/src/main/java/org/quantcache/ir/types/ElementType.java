package org.quantcache.ir.types;

/** What one element of a tensor is: a plain scalar or a quantized value in a storage cell. */
public sealed interface ElementType permits ScalarType, QuantType {
  /** Storage for {@code elements} elements, in bits, without scales. */
  long storageBits(long elements);

  /** Bits that tell the values of one element apart, which its storage may exceed. */
  int valueBits();

  /** The spelling in the text form, such as {@code f32} or {@code q<range = si4, ...>}. */
  String text();
}
