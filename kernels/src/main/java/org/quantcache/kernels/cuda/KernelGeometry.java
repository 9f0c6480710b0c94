package org.quantcache.kernels.cuda;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * How a kernel is launched: {@code items}, such as rows or elements, are the work of {@code ceil(items / itemsPerBlock) *
 * blocksPerGroup} blocks.
 *
 * @param name of the function
 * @param card architecture whose machine code is launched so, such as {@code sm_90a}; nothing for all others
 * @param threads of a block
 * @param sharedBytes dynamic shared memory of a block
 * @param itemsPerBlock items of a group of blocks
 * @param blocksPerGroup blocks that share the same items
 * @param persistent whether a block goes on with the work of another, so that one for each multiprocessor suffices
 */
@JsonPropertyOrder({
  "name",
  "card",
  "threads",
  "sharedBytes",
  "itemsPerBlock",
  "blocksPerGroup",
  "persistent"
})
public record KernelGeometry(
    String name,
    String card,
    int threads,
    int sharedBytes,
    int itemsPerBlock,
    int blocksPerGroup,
    boolean persistent) {
  /**
   * Blocks of a launch.
   *
   * @param multiprocessors of the device
   * @throws ArithmeticException when a grid cannot be that large
   */
  public int blocks(long items, int multiprocessors) {
    long groups = (items + itemsPerBlock - 1) / itemsPerBlock;
    long blocks = Math.multiplyExact(groups, blocksPerGroup);
    return Math.toIntExact(persistent ? Math.min(blocks, multiprocessors) : blocks);
  }
}
