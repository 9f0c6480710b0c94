package org.quantcache.ir.core;

/**
 * Work of one operation. A multiply-add counts as 2 FLOP; bytes are what a kernel that keeps nothing must read and
 * write once.
 */
public record Cost(long flops, long bytesRead, long bytesWritten) {
  public static final Cost ZERO = new Cost(0, 0, 0);

  public Cost plus(Cost other) {
    return new Cost(
        Math.addExact(flops, other.flops),
        Math.addExact(bytesRead, other.bytesRead),
        Math.addExact(bytesWritten, other.bytesWritten));
  }

  public Cost times(long count) {
    return new Cost(
        Math.multiplyExact(flops, count),
        Math.multiplyExact(bytesRead, count),
        Math.multiplyExact(bytesWritten, count));
  }

  public long bytes() {
    return Math.addExact(bytesRead, bytesWritten);
  }
}
