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
  HostAhead(CudaDevice device, CudaStream stream, Arena arena) {
    this.stream = stream;
    this.arena = arena;
    this.pace = new StepPace();
    try {
      this.measurements = new Measurements(device);
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

  /** Takes room for so many measurements; no run is under way. */
  void takeRoomFor(int totals) {
    measurements.takeRoomFor(totals);
  }

  /** Where a kernel leaves the total of a measurement. */
  long total(int index) {
    return measurements.address(index);
  }

  /** The next kernel leaves a total of {@code width} numbers, to be read when {@link #takeMeasurements} is called. */
  void measured(int index, int width, Consumer<FloatBuffer> reader) {
    measurements.add(index, width, reader, stream);
  }

  /** Copies what was measured from the device, all at once. */
  void bringMeasurements() {
    measurements.bring(stream);
  }

  /** Waits for measurements, where there are any, and hands them over. */
  void takeMeasurements() {
    measurements.take(stream);
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
