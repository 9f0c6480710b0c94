package org.quantcache.kernels.cuda;

/** Takes the time that the device spends on a piece of work, by its own clock. The owner closes it. */
final class LaunchTimer implements AutoCloseable {
  private static final double NANOS = 1e6;

  private final CudaEvent start;
  private final CudaEvent end;

  /** @throws org.quantcache.ir.diagnostics.UserError RT0508 */
  LaunchTimer() {
    this.start = new CudaEvent();
    try {
      this.end = new CudaEvent();
    } catch (RuntimeException e) {
      start.close();
      throw e;
    }
  }

  /** Gives a launch to a stream, waits for it, and says how many nanoseconds it took. */
  long run(CudaLaunch launch, CudaStream stream) {
    // What was given to the stream before must not count.
    stream.synchronize();
    start.record(stream);
    launch.run(stream);
    end.record(stream);
    end.synchronize();
    return Math.round(start.millisecondsTo(end) * NANOS);
  }

  @Override
  public void close() {
    start.close();
    end.close();
  }
}
