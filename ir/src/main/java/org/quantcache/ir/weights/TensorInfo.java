package org.quantcache.ir.weights;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * One tensor of a weight file.
 *
 * @param name key in the file
 * @param type stored element kind
 * @param shape sizes, row-major
 * @param offset first byte, counted from the start of the file's data part
 * @param bytes length of the data
 */
public record TensorInfo(String name, StoredType type, List<Long> shape, long offset, long bytes) {
  public TensorInfo {
    shape = ImmutableList.copyOf(shape);
  }

  /** Number of elements. */
  public long elements() {
    return bytes / type.bytes();
  }
}
