package org.quantcache.codegen.cuda;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.kernels.cuda.KernelGeometry;

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
 * @param warpgroups how it is launched where its code is that of warpgroups, on {@link CudaTarget#WARPGROUPS}
 */
public record CudaKernel(
    String name,
    String family,
    Map<String, String> holes,
    int threads,
    int sharedBytes,
    int itemsPerBlock,
    int blocksPerGroup,
    Optional<KernelGeometry> warpgroups) {
  public CudaKernel {
    holes = ImmutableMap.copyOf(holes);
  }

  /** The same code for all cards. */
  public CudaKernel(
      String name,
      String family,
      Map<String, String> holes,
      int threads,
      int sharedBytes,
      int itemsPerBlock,
      int blocksPerGroup) {
    this(
        name, family, holes, threads, sharedBytes, itemsPerBlock, blocksPerGroup, Optional.empty());
  }

  /** How it is launched, on all cards and on those that differ. */
  List<KernelGeometry> geometry() {
    List<KernelGeometry> out = new ArrayList<>();
    out.add(
        new KernelGeometry(name, "", threads, sharedBytes, itemsPerBlock, blocksPerGroup, false));
    warpgroups.ifPresent(out::add);
    return out;
  }
}
