package org.quantcache.codegen.cuda;

import java.util.Map;

/**
 * A kernel as an instance of a family of templates. A launch has {@code ceil(items / itemsPerBlock) * blocksPerGroup}
 * blocks.
 *
 * @param name name of the function
 * @param family the resource that holds the templates, without {@code .cu}
 * @param holes values of the holes in the text of the instance
 * @param threads of a block
 * @param sharedBytes dynamic shared memory of a block, in bytes
 * @param itemsPerBlock work items that one group of blocks computes
 * @param blocksPerGroup blocks of a group
 */
public record CudaKernel(
    String name,
    String family,
    Map<String, String> holes,
    int threads,
    int sharedBytes,
    int itemsPerBlock,
    int blocksPerGroup) {}
