package org.quantcache.kernels.executor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.Guards;
import org.quantcache.kernels.prune.Branches;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Base of the emitted executors: the words of their source that are the same on every device. An executor binds every
 * launch to its arguments once for given sizes; running it then allocates nothing.
 */
public abstract class CompiledExecutor {
  private final Map<String, Long> sizes;
  private LaunchProfile profile = LaunchProfile.OFF;
  private DecisionMode decisions = DecisionMode.ADAPTIVE;
  private OperationWatch watch = OperationWatch.NONE;

  /** @param sizes values of the symbolic sizes */
  protected CompiledExecutor(Map<String, Long> sizes) {
    this.sizes = sizes;
  }

  /** Offsets of the parameters in the arena, in order. */
  protected abstract long[] parametersAt();

  /** Offsets of the results in the arena, in order. */
  protected abstract long[] resultsAt();

  /** Runs the program on the parameters that lie in the arena. */
  protected abstract void execute(StepObserver observer);

  /** Waits until nothing of a run is under way. */
  protected void finish() {}

  /** Runs the program to its end; also after a failure nothing of it is under way. */
  final void run(StepObserver observer) {
    try {
      execute(observer);
    } catch (RuntimeException | Error e) {
      try {
        finish();
      } catch (RuntimeException after) {
        e.addSuppressed(after);
      }
      throw e;
    }
    finish();
  }

  /** A part of the arena, as Java sees it. */
  protected abstract ByteBuffer view(long offset, long bytes);

  /** The elements of a weight, as Java sees them. */
  protected abstract ByteBuffer weightView(String name);

  final void setProfile(LaunchProfile other) {
    profile = other;
  }

  /** Where launches count their time; {@link LaunchProfile#OFF} where they do not. */
  protected final LaunchProfile profile() {
    return profile;
  }

  final void watchBy(OperationWatch other) {
    watch = other;
  }

  /** Tells that an operation is done, in executors that were written to be watched. */
  protected final void computed(int operation, int step) {
    watch.computed(operation, step, this::shown);
  }

  /** A part of the arena as launches left it, to somebody who watches. */
  protected ByteBuffer shown(long offset, long bytes) {
    return view(offset, bytes);
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
    return branches.trace(guards);
  }

  /** Value of a symbolic size. */
  protected final long size(String symbol) {
    Long value = sizes.get(symbol);
    if (value == null) {
      throw new IllegalStateException("no value for size " + symbol);
    }
    return value;
  }

  protected final FloatBuffer floats(long offset, long count) {
    return view(offset, 4 * count).asFloatBuffer();
  }

  protected final LongBuffer longs(long offset, long count) {
    return view(offset, 8 * count).asLongBuffer();
  }

  protected final IntBuffer ints(long offset, long count) {
    return view(offset, 4 * count).asIntBuffer();
  }

  protected final ByteBuffer bytes(long offset, long count) {
    return view(offset, count);
  }

  protected final FloatBuffer weightFloats(String name) {
    return weightView(name).asFloatBuffer();
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
  protected final Tensor tensor(ScalarType element, long offset, long... tensorSizes) {
    List<Long> list = Arrays.stream(tensorSizes).boxed().toList();
    long bytes = Tensor.elements(list) * element.bytes();
    return new Tensor(element, list, view(offset, bytes).order(ByteOrder.LITTLE_ENDIAN));
  }
}
