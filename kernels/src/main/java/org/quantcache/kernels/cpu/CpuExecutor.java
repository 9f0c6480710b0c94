package org.quantcache.kernels.cpu;

import java.nio.ByteBuffer;
import org.quantcache.kernels.executor.CompiledExecutor;
import org.quantcache.kernels.runtime.LaunchProfile;

/** Base of the executors of the cpu device: the words of their source that launch and copy. */
public abstract class CpuExecutor extends CompiledExecutor {
  private final CpuContext context;

  protected CpuExecutor(CpuContext context) {
    super(context.sizes);
    this.context = context;
  }

  @Override
  protected final ByteBuffer view(long offset, long bytes) {
    return context.arena.view(offset, bytes);
  }

  @Override
  protected final ByteBuffer weightView(String name) {
    return context.weights.view(name);
  }

  /** Starts a launch of a kernel. */
  protected final KernelLaunch.Builder kernel(String name) {
    return KernelLaunch.of(name, context.library.function(name));
  }

  /** Finishes a launch that all workers share. */
  protected final KernelLaunch over(long items, KernelLaunch.Builder builder) {
    return builder.build(context.pool, items);
  }

  /** Finishes a launch that is too small to share. */
  protected final KernelLaunch alone(long items, KernelLaunch.Builder builder) {
    return builder.buildAlone(context.pool, items);
  }

  /** Address of a value in the arena. */
  protected final long at(long offset) {
    return context.arena.address() + offset;
  }

  /** Address of a weight. */
  protected final long weight(String name) {
    return context.weights.address(name);
  }

  /** Runs a launch. */
  protected final void run(KernelLaunch launch) {
    if (profile() == LaunchProfile.OFF) {
      context.pool.run(launch);
      return;
    }
    long start = System.nanoTime();
    context.pool.run(launch);
    profile().add(launch.name(), launch.place(), start, System.nanoTime() - start);
  }

  /** Sets numbers of a launch, the first at argument {@code index}. */
  protected static void reals(KernelLaunch launch, int index, float[] values) {
    for (int i = 0; i < values.length; i++) {
      launch.real(index + i, values[i]);
    }
  }

  protected final MemoryCopy copy(long to, long from, long bytes) {
    return new MemoryCopy(to, from, bytes);
  }

  /** Fills a value in the arena with zeros. */
  protected final void zero(long offset, long bytes) {
    context.arena.zero(offset, bytes);
  }
}
