package org.quantcache.codegen.tir;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.Optional;

/**
 * Machine code of kernels that were compiled before: builds of one model with different passes have most kernels in
 * common. Above its limit, what was used longest ago leaves. Any number of threads may share one.
 */
final class KernelObjects {
  /** Some thousand kernels. */
  private static final long LIMIT_BYTES = 64L << 20;

  private static final KernelObjects OF_PROCESS = new KernelObjects(LIMIT_BYTES);

  private record Key(KernelSpec spec, CpuTarget target) {}

  private final Cache<Key, byte[]> objects;

  KernelObjects(long limitBytes) {
    // One segment, so that the limit is not divided among several.
    this.objects = CacheBuilder.newBuilder()
        .concurrencyLevel(1)
        .maximumWeight(limitBytes)
        .weigher((Key key, byte[] object) -> object.length)
        .build();
  }

  /** What all compilers of this process share. */
  static KernelObjects ofProcess() {
    return OF_PROCESS;
  }

  /** The object file of a kernel, if it is still there. */
  Optional<byte[]> find(KernelSpec spec, CpuTarget target) {
    return Optional.ofNullable(objects.getIfPresent(new Key(spec, target)));
  }

  /** Keeps an object file, which nobody changes any more. */
  void keep(KernelSpec spec, CpuTarget target, byte[] object) {
    objects.put(new Key(spec, target), object);
  }
}
