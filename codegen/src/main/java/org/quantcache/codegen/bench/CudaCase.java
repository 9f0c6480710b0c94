package org.quantcache.codegen.bench;

import java.util.List;
import org.quantcache.codegen.cuda.CudaKernel;
import org.quantcache.ir.types.ScalarType;

/**
 * A launch of a kernel that is measured.
 *
 * @param name what it does
 * @param rows tokens that it works on
 * @param ceiling what bounds it
 * @param work operations, or bytes that are read and written
 * @param kernel what is launched
 * @param operands what its pointers point to, in their order
 * @param numbers its numbers, in their order, without that of the work items
 * @param items work items
 */
record CudaCase(
    String name,
    long rows,
    Ceiling ceiling,
    double work,
    CudaKernel kernel,
    List<Operand> operands,
    List<Long> numbers,
    long items) {
  /** What a kernel cannot exceed. */
  enum Ceiling {
    HALVES("TFLOP/s", 1e12),
    BYTES("TOP/s", 1e12),
    MEMORY("GB/s", 1e9);

    private final String unit;
    private final double size;

    Ceiling(String unit, double size) {
      this.unit = unit;
      this.size = size;
    }

    String unit() {
      return unit;
    }

    /** In {@link #unit()}. */
    double rate(double work, double seconds) {
      return work / seconds / size;
    }
  }

  /** Elements of one kind. */
  record Operand(ScalarType type, long count) {
    long bytes() {
      return count * type.bytes();
    }
  }
}
