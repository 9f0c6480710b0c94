package org.quantcache.kernels.cuda;

import java.nio.FloatBuffer;
import java.util.function.Consumer;

/** What lets Java go ahead of the work that it gave to a stream. The owner closes it before the stream. */
final class HostAhead implements AutoCloseable {
  private final CudaStream stream;
  private final Arena arena;
  private final StepPace pace;
  private final StagedUploads uploads;
  private final Measurements measurements;

  /** @throws org.quantcache.ir.diagnostics.UserError RT0507, RT0508 */
  HostAhead(CudaStream stream, Arena arena) {
    this.stream = stream;
    this.arena = arena;
    this.pace = new StepPace();
    try {
      this.measurements = new Measurements();
    } catch (RuntimeException e) {
      pace.close();
      throw e;
    }
    try {
      this.uploads = new StagedUploads();
    } catch (RuntimeException e) {
      pace.close();
      measurements.close();
      throw e;
    }
  }

  /** Copies a value to the device; Java may write it again afterwards. Large ones are waited for. */
  void send(long offset, long bytes) {
    arena.send(offset, bytes, uploads, stream);
  }

  /** Copies a measurement from the device, to be read when {@link #takeMeasurements} is called. */
  void measure(long offset, long bytes, Consumer<FloatBuffer> reader) {
    arena.measure(offset, bytes, reader, measurements, stream);
  }

  /** Waits for measurements, where there are any, and hands them over. */
  void takeMeasurements() {
    measurements.take();
  }

  /** All work of a step is given to the stream. */
  void endStep() {
    pace.endStep(stream);
    uploads.nextStep();
  }

  /** Waits for all work, and forgets what a run left that did not come to its end. */
  void finish() {
    try {
      stream.synchronize();
    } finally {
      measurements.drop();
      pace.restart();
      uploads.nextStep();
    }
  }

  @Override
  public void close() {
    uploads.close();
    measurements.close();
    pace.close();
  }
}
