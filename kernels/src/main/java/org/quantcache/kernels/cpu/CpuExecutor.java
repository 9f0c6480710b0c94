package org.quantcache.kernels.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.prune.Branches;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Base of the emitted executors: the words that their source is written in. An executor binds every launch to its
 * arguments once for given sizes; running it then allocates nothing.
 */
public abstract class CpuExecutor {
  private final CpuContext context;
  private LaunchProfile profile = LaunchProfile.OFF;
  private DecisionMode decisions = DecisionMode.ADAPTIVE;

  protected CpuExecutor(CpuContext context) {
    this.context = context;
  }

  /** Offsets of the parameters in the arena, in order. */
  protected abstract long[] parametersAt();

  /** Offsets of the results in the arena, in order. */
  protected abstract long[] resultsAt();

  /** Runs the program on the parameters that lie in the arena. */
  protected abstract void execute(StepObserver observer);

  final void setProfile(LaunchProfile other) {
    profile = other;
  }

  final void decideBy(DecisionMode other) {
    decisions = other;
  }

  /** The guards of a loop of {@code steps} steps in this run. */
  protected final Guards guards(int steps) {
    return new Guards(decisions, steps);
  }

  /** The layers of a loop of {@code steps} steps that may be left out in this run. */
  protected final Branches branches(int steps) {
    return new Branches(decisions, steps);
  }

  /** What was decided in a loop. */
  protected static DecisionTrace trace(int steps, Guards guards, Branches branches) {
    return new DecisionTrace(steps, guards.decisions(), branches.decisions());
  }

  /** Value of a symbolic size. */
  protected final long size(String symbol) {
    Long value = context.sizes.get(symbol);
    if (value == null) {
      throw new IllegalStateException("no value for size " + symbol);
    }
    return value;
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
    if (profile == LaunchProfile.OFF) {
      context.pool.run(launch);
      return;
    }
    long start = System.nanoTime();
    context.pool.run(launch);
    profile.add(launch.name(), System.nanoTime() - start);
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

  protected final FloatBuffer floats(long offset, long count) {
    return context.arena.view(offset, 4 * count).asFloatBuffer();
  }

  protected final LongBuffer longs(long offset, long count) {
    return context.arena.view(offset, 8 * count).asLongBuffer();
  }

  protected final IntBuffer ints(long offset, long count) {
    return context.arena.view(offset, 4 * count).asIntBuffer();
  }

  protected final ByteBuffer bytes(long offset, long count) {
    return context.arena.view(offset, count);
  }

  protected final FloatBuffer weightFloats(String name) {
    return context.weights.view(name).asFloatBuffer();
  }

  protected static void fill(FloatBuffer target, float value) {
    for (int i = 0; i < target.capacity(); i++) {
      target.put(i, value);
    }
  }

  protected static void fill(ByteBuffer target, int value) {
    for (int i = 0; i < target.capacity(); i++) {
      target.put(i, (byte) value);
    }
  }

  /** A value in the arena as a tensor; it shows what lies there when it is read. */
  protected final Tensor tensor(ScalarType element, long offset, long... sizes) {
    List<Long> list = Arrays.stream(sizes).boxed().toList();
    long bytes = Tensor.elements(list) * element.bytes();
    return new Tensor(
        element, list, context.arena.view(offset, bytes).order(ByteOrder.LITTLE_ENDIAN));
  }
}
