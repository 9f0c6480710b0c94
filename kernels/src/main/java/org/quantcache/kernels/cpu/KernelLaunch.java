package org.quantcache.kernels.cpu;

import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncCall;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMValue;
import org.quantcache.kernels.runtime.LaunchPlace;

/**
 * One call of a kernel with all its arguments built beforehand. The last three arguments of every kernel are a
 * workspace pointer and the range {@code [lo, hi)} of work items; the launch cuts the items into pieces, the same way
 * every time, and workers take them in order as they are free.
 */
public final class KernelLaunch {
  /** This part of a share is left for whoever comes first. */
  private static final int REST_PART = 4;

  private final String name;
  private final LaunchPlace place;
  private final TVMFunctionHandle function;
  private final int arguments;
  private final IntPointer codes;
  private final TVMValue[] values;
  private final LongPointer[] cells;
  private final int shares;
  private final long[] starts;
  private final long[] ends;
  private final TVMValue[] results;
  private final IntPointer[] resultCodes;

  private KernelLaunch(Builder builder, WorkerPool pool, long workItems, int mostWorkers) {
    this.name = builder.name;
    this.place = builder.place;
    this.function = builder.function;
    this.arguments = builder.codes.size() + 3;
    this.codes = new IntPointer(arguments);
    for (int i = 0; i < builder.codes.size(); i++) {
      codes.put(i, builder.codes.get(i));
    }
    codes.put(arguments - 3, TvmCalls.POINTER);
    codes.put(arguments - 2, TvmCalls.INT);
    codes.put(arguments - 1, TvmCalls.INT);
    this.shares = (int) Math.max(1, Math.min(mostWorkers, workItems));
    this.starts = new long[shares == 1 ? 1 : 2 * shares];
    this.ends = new long[starts.length];
    cut(workItems);
    // Whoever is awake may take a piece, so that more workers than there are shares can.
    int workers = shares == 1 ? 1 : mostWorkers;
    this.values = new TVMValue[workers];
    this.cells = new LongPointer[workers];
    this.results = new TVMValue[workers];
    this.resultCodes = new IntPointer[workers];
    for (int worker = 0; worker < workers; worker++) {
      values[worker] = new TVMValue(arguments);
      cells[worker] = new LongPointer(values[worker]);
      for (int i = 0; i < builder.values.size(); i++) {
        cells[worker].put(i, builder.values.get(i));
      }
      cells[worker].put(arguments - 3, pool.workspace(worker));
      results[worker] = new TVMValue(1);
      resultCodes[worker] = new IntPointer(1);
    }
  }

  /**
   * First a large piece of each of the equal shares, then what is left of them: a worker that comes late leaves more of
   * these to the others, and one that is always in time stays with its share, which its cache knows from the launch
   * before.
   */
  private void cut(long workItems) {
    for (int share = 0; share < shares; share++) {
      long from = workItems * share / shares;
      long to = workItems * (share + 1) / shares;
      long rest = shares == 1 ? 0 : (to - from) / REST_PART;
      starts[share] = from;
      ends[share] = to - rest;
      if (shares > 1) {
        starts[shares + share] = to - rest;
        ends[shares + share] = to;
      }
    }
  }

  /** Name of the kernel, for reports. */
  public String name() {
    return name;
  }

  /** What it does for the model. */
  public LaunchPlace place() {
    return place;
  }

  /** Gives the argument at {@code index} another value from the next run on. */
  public void real(int index, float value) {
    for (LongPointer arguments : cells) {
      arguments.put(index, Double.doubleToRawLongBits(value));
    }
  }

  /** For how many workers there is work. */
  int shares() {
    return shares;
  }

  /** Number of pieces. */
  int pieces() {
    return starts.length;
  }

  /** Runs a piece on the calling thread, as worker {@code worker}. */
  void run(int worker, int piece) {
    if (starts[piece] < ends[piece]) {
      cells[worker].put(arguments - 2, starts[piece]).put(arguments - 1, ends[piece]);
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
    private LaunchPlace place = LaunchPlace.UNKNOWN;

    private Builder(String name, TVMFunctionHandle function) {
      this.name = name;
      this.function = function;
    }

    /** What the launch does for the model. */
    public Builder place(String at, String operation) {
      place = new LaunchPlace(at, operation);
      return this;
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
