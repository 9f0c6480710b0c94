package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.runtime.LaunchPlace;

/**
 * One call of a kernel with all its parameters laid out beforehand, so that running it allocates nothing. Numbers may
 * be set between runs; a run takes what they are when it is called, not when the device comes to it.
 */
public final class CudaLaunch {
  private static final int CELL_BYTES = 8;

  private final CudaFunction function;
  private final LaunchPlace place;
  private final int blocks;
  private final int threads;
  private final int sharedBytes;
  private final int parameters;
  private final ByteBuffer cells;
  private final HostPointer addresses;

  private CudaLaunch(Builder builder, LaunchMemory memory) {
    this.function = builder.function;
    this.place = builder.place;
    this.blocks = builder.blocks;
    this.threads = builder.threads;
    this.sharedBytes = builder.sharedBytes;
    this.parameters = builder.values.size();
    // First the addresses of the values, as the driver wants them, then the values.
    int bytes = 2 * CELL_BYTES * Math.max(1, parameters);
    LaunchMemory.Part part = memory.take(bytes);
    this.addresses = part.memory().at(part.offset(), bytes);
    ByteBuffer all = part.memory().view(part.offset(), bytes);
    long firstValue = addresses.address() + (long) CELL_BYTES * parameters;
    for (int i = 0; i < parameters; i++) {
      all.putLong(CELL_BYTES * i, firstValue + (long) CELL_BYTES * i);
      all.putLong(CELL_BYTES * (parameters + i), builder.values.get(i));
    }
    this.cells = all;
  }

  /** Starts a launch of a kernel; parameters are added in its order. */
  public static Builder of(CudaFunction function) {
    return new Builder(function);
  }

  public String name() {
    return function.name();
  }

  /** What it does for the model. */
  public LaunchPlace place() {
    return place;
  }

  public int blocks() {
    return blocks;
  }

  /** Sets the parameter at an index, a pointer. */
  public void setPointer(int index, long address) {
    cells.putLong(cell(index), address);
  }

  /** Sets the parameter at an index, an {@code int}. */
  public void setInteger(int index, int value) {
    cells.putInt(cell(index), value);
  }

  /** Sets the parameter at an index, a {@code float}. */
  public void setReal(int index, float value) {
    cells.putFloat(cell(index), value);
  }

  private int cell(int index) {
    if (index < 0 || index >= parameters) {
      throw new IndexOutOfBoundsException("parameter " + index + " of " + parameters);
    }
    return CELL_BYTES * (parameters + index);
  }

  /**
   * Gives the launch to a stream. Without blocks there is nothing to do.
   *
   * @throws UserError RT0508 when the driver refuses it, or a kernel failed before
   */
  public void run(CudaStream stream) {
    if (blocks == 0) {
      return;
    }
    int result = JCudaDriver.cuLaunchKernel(
        function.handle(),
        blocks,
        1,
        1,
        threads,
        1,
        1,
        sharedBytes,
        stream.handle(),
        addresses,
        null);
    if (result != CUresult.CUDA_SUCCESS) {
      CudaCalls.check(result, "launch " + function.name());
    }
  }

  /** Collects what a launch consists of. */
  public static final class Builder {
    private final CudaFunction function;
    private final List<Long> values = new ArrayList<>();
    private int blocks = 1;
    private int threads = 32;
    private int sharedBytes;
    private LaunchPlace place = LaunchPlace.UNKNOWN;

    private Builder(CudaFunction function) {
      this.function = function;
    }

    /** What the launch does for the model. */
    public Builder place(String at, String operation) {
      place = new LaunchPlace(at, operation);
      return this;
    }

    /** A pointer to memory of the device. */
    public Builder pointer(long address) {
      values.add(address);
      return this;
    }

    /** Name of the kernel. */
    String name() {
      return function.name();
    }

    /** An {@code int}. @throws ArithmeticException for a number that does not fit */
    public Builder integer(long value) {
      values.add(Math.toIntExact(value) & 0xffffffffL);
      return this;
    }

    /** A {@code float} that is set before each run. */
    public Builder real() {
      return real(0);
    }

    /** A {@code float}. */
    public Builder real(float value) {
      return integer(Float.floatToRawIntBits(value));
    }

    /** Number of blocks, threads of each, and bytes of dynamic shared memory of each. */
    public Builder geometry(int blockCount, int threadsOfBlock, int sharedBytesOfBlock) {
      this.blocks = blockCount;
      this.threads = threadsOfBlock;
      this.sharedBytes = sharedBytesOfBlock;
      return this;
    }

    /** @throws UserError RT0508 when the device has not the shared memory, RT0507 without memory for the parameters */
    public CudaLaunch build(LaunchMemory memory) {
      function.reserveShared(sharedBytes);
      return new CudaLaunch(this, memory);
    }
  }
}
