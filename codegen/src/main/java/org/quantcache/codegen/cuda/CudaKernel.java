package org.quantcache.codegen.cuda;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * A kernel of the cuda device: a template with its holes filled, and how it is launched. {@code items} of a launch, such as
 * rows or elements, take {@code ceil(items / itemsPerBlock) * blocksPerGroup} blocks.
 *
 * @param name of the function
 * @param family template, the resource without {@code .cu}
 * @param holes what fills the template, the name apart
 * @param threads of a block
 * @param sharedBytes dynamic shared memory of a block
 * @param itemsPerBlock items of a group of blocks
 * @param blocksPerGroup blocks that share the same items
 */
public record CudaKernel(
    String name,
    String family,
    Map<String, String> holes,
    int threads,
    int sharedBytes,
    int itemsPerBlock,
    int blocksPerGroup) {
  public CudaKernel {
    holes = ImmutableMap.copyOf(holes);
  }
}
