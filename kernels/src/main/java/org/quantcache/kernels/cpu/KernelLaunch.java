package org.quantcache.kernels.cpu;

import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncCall;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMValue;

/**
 * One call of a kernel with all its arguments built beforehand. The last three arguments of every kernel are a
 * workspace pointer and the range {@code [lo, hi)} of work items; the launch splits the items evenly over the workers,
 * the same way every time.
 */
public final class KernelLaunch {
  private final String name;
  private final TVMFunctionHandle function;
  private final int arguments;
  private final IntPointer codes;
  private final TVMValue[] values;
  private final long[] items;
  private final TVMValue[] results;
  private final IntPointer[] resultCodes;

  private KernelLaunch(Builder builder, WorkerPool pool, long workItems, int mostWorkers) {
    this.name = builder.name;
    this.function = builder.function;
    this.arguments = builder.codes.size() + 3;
    this.codes = new IntPointer(arguments);
    for (int i = 0; i < builder.codes.size(); i++) {
      codes.put(i, builder.codes.get(i));
    }
    codes.put(arguments - 3, TvmCalls.POINTER);
    codes.put(arguments - 2, TvmCalls.INT);
    codes.put(arguments - 1, TvmCalls.INT);
    int workers = (int) Math.max(1, Math.min(mostWorkers, workItems));
    this.items = new long[workers + 1];
    this.values = new TVMValue[workers];
    this.results = new TVMValue[workers];
    this.resultCodes = new IntPointer[workers];
    for (int worker = 0; worker < workers; worker++) {
      items[worker + 1] = workItems * (worker + 1) / workers;
      values[worker] = new TVMValue(arguments);
      for (int i = 0; i < builder.values.size(); i++) {
        values[worker].position(i).v_int64(builder.values.get(i));
      }
      values[worker].position(arguments - 3).v_int64(pool.workspace(worker));
      values[worker].position(arguments - 2).v_int64(items[worker]);
      values[worker].position(arguments - 1).v_int64(items[worker + 1]);
      values[worker].position(0);
      results[worker] = new TVMValue(1);
      resultCodes[worker] = new IntPointer(1);
    }
  }

  /** Name of the kernel, for reports. */
  public String name() {
    return name;
  }

  /** Gives the argument at {@code index} another value from the next run on. */
  public void real(int index, float value) {
    for (TVMValue arguments : values) {
      arguments.position(index).v_float64(value);
      arguments.position(0);
    }
  }

  /** Number of workers that take part. */
  int workers() {
    return values.length;
  }

  /** Runs the share of one worker on the calling thread. */
  void run(int worker) {
    if (items[worker] < items[worker + 1]) {
      TvmCalls.check(TVMFuncCall(
          function, values[worker], codes, arguments, results[worker], resultCodes[worker]));
    }
  }

  /** Starts a launch of {@code function}. */
  public static Builder of(String name, TVMFunctionHandle function) {
    return new Builder(name, function);
  }

  /** Collects arguments in the order of the kernel's parameters. */
  public static final class Builder {
    private final String name;
    private final TVMFunctionHandle function;
    private final List<Integer> codes = new ArrayList<>();
    private final List<Long> values = new ArrayList<>();

    private Builder(String name, TVMFunctionHandle function) {
      this.name = name;
      this.function = function;
    }

    /** An address. */
    public Builder pointer(long address) {
      codes.add(TvmCalls.POINTER);
      values.add(address);
      return this;
    }

    /** A whole number that fits 31 bits. */
    public Builder integer(long value) {
      codes.add(TvmCalls.INT);
      values.add((long) Math.toIntExact(value));
      return this;
    }

    /** A number that {@link KernelLaunch#real} sets before each run. */
    public Builder real() {
      codes.add(TvmCalls.REAL);
      values.add(0L);
      return this;
    }

    /** A launch over {@code workItems} items. */
    public KernelLaunch build(WorkerPool pool, long workItems) {
      return new KernelLaunch(this, pool, Math.toIntExact(workItems), pool.workers());
    }

    /** A launch that the caller runs without the other workers. */
    public KernelLaunch buildAlone(WorkerPool pool, long workItems) {
      return new KernelLaunch(this, pool, Math.toIntExact(workItems), 1);
    }
  }
}
