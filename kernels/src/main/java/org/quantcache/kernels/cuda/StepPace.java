package org.quantcache.kernels.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps Java at most two steps ahead of the device, so that what the device has yet to do, and the memory that holds it,
 * stay bounded. The owner closes it.
 */
final class StepPace implements AutoCloseable {
  /** Steps that may be under way: the one that Java is at, and two before it. */
  static final int STEPS = 3;

  private final List<CudaEvent> ends = new ArrayList<>();
  private int ended;

  /** @throws org.quantcache.ir.diagnostics.UserError RT0508 */
  StepPace() {
    try {
      for (int i = 0; i < STEPS; i++) {
        ends.add(CudaEvent.forWaiting());
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** All work of a step is given to the stream; returns when the device is through with the step two before. */
  void endStep(CudaStream stream) {
    ends.get(ended % STEPS).record(stream);
    ended++;
    if (ended >= STEPS) {
      ends.get(ended % STEPS).synchronize();
    }
  }

  /** Nothing is under way; the next step is a first one. */
  void restart() {
    ended = 0;
  }

  @Override
  public void close() {
    ends.forEach(CudaEvent::close);
  }
}
