package org.quantcache.kernels.cuda;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * How a kernel is launched: {@code items}, such as rows or elements, take {@code ceil(items / itemsPerBlock) * blocksPerGroup}
 * blocks.
 *
 * @param name of the function
 * @param threads of a block
 * @param sharedBytes dynamic shared memory of a block
 * @param itemsPerBlock items of a group of blocks
 * @param blocksPerGroup blocks that share the same items
 */
@JsonPropertyOrder({"name", "threads", "sharedBytes", "itemsPerBlock", "blocksPerGroup"})
public record KernelGeometry(
    String name, int threads, int sharedBytes, int itemsPerBlock, int blocksPerGroup) {
  /** Blocks of a launch. @throws ArithmeticException when a grid cannot be that large */
  public int blocks(long items) {
    long groups = (items + itemsPerBlock - 1) / itemsPerBlock;
    return Math.toIntExact(Math.multiplyExact(groups, blocksPerGroup));
  }
}
