package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.emulation.DriverCounter;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** What runs again and again the same way is recorded once. */
class CudaSegmentTest {
  private static final String KERNELS = """
      QC_KERNEL(32) count(int* out, int limit) {
        if (threadIdx.x == 0) {
          out[0] < limit ? out[0]++ : out[20] = 1;
        }
      }
      QC_REGISTER(count)
      """;

  private boolean oneByOne;

  /** Three launches of a kernel that counts up to a limit, and fails there. */
  private CudaSegment counting(EmulatedKernels kernels, DeviceMemory out, int limit) {
    CudaLaunch launch =
        kernels.launch("count").pointer(out.address()).integer(limit).build(kernels.launches);
    Runnable work = () -> {
      for (int i = 0; i < 3; i++) {
        launch.run(kernels.stream);
      }
    };
    return new CudaSegment(kernels.stream, work, () -> oneByOne);
  }

  private static DeviceMemory zero(EmulatedKernels kernels) {
    return kernels.floats(0);
  }

  /** Launches and graphs that a run starts. */
  private static long[] callsOf(CudaSegment segment) {
    long launches = EmulatedDriver.count(DriverCounter.LAUNCHES);
    long graphs = EmulatedDriver.count(DriverCounter.GRAPH_LAUNCHES);
    segment.run();
    return new long[] {
      EmulatedDriver.count(DriverCounter.LAUNCHES) - launches,
      EmulatedDriver.count(DriverCounter.GRAPH_LAUNCHES) - graphs
    };
  }

  @Test
  void theSecondRunRecordsAndLaterOnesAreOneCall() {
    try (EmulatedKernels kernels = new EmulatedKernels(KERNELS)) {
      DeviceMemory out = zero(kernels);
      try (CudaSegment segment = counting(kernels, out, 100)) {
        assertThat(callsOf(segment)).containsExactly(3, 0);
        assertThat(callsOf(segment)).containsExactly(3, 1);
        assertThat(callsOf(segment)).containsExactly(0, 1);
        assertThat(callsOf(segment)).containsExactly(0, 1);
        kernels.stream.synchronize();
        assertThat(EmulatedKernels.ints(out)).containsExactly(12);
      }
    }
  }

  @Test
  void aRunOneByOneUsesNoGraph() {
    try (EmulatedKernels kernels = new EmulatedKernels(KERNELS)) {
      DeviceMemory out = zero(kernels);
      try (CudaSegment segment = counting(kernels, out, 100)) {
        segment.run();
        segment.run();
        oneByOne = true;
        assertThat(callsOf(segment)).containsExactly(3, 0);
        oneByOne = false;
        assertThat(callsOf(segment)).containsExactly(0, 1);
        kernels.stream.synchronize();
        assertThat(EmulatedKernels.ints(out)).containsExactly(12);
      }
    }
  }

  @Test
  void closingFreesTheGraph() {
    try (EmulatedKernels kernels = new EmulatedKernels(KERNELS)) {
      CudaSegment segment = counting(kernels, zero(kernels), 100);
      segment.run();
      long live = EmulatedDriver.count(DriverCounter.LIVE);
      segment.run();
      assertThat(EmulatedDriver.count(DriverCounter.LIVE)).isEqualTo(live + 1);
      segment.close();
      assertThat(EmulatedDriver.count(DriverCounter.LIVE)).isEqualTo(live);
    }
  }

  @Test
  void aKernelThatFailsInAGraphIsACodedErrorWhereItIsWaitedFor() {
    try (EmulatedKernels kernels = new EmulatedKernels(KERNELS)) {
      CudaSegment segment = counting(kernels, zero(kernels), 7);
      segment.run();
      segment.run();
      kernels.stream.synchronize();
      segment.run();
      assertThatThrownBy(kernels.stream::synchronize).isInstanceOfSatisfying(UserError.class, e -> {
        assertThat(e.code()).isEqualTo("RT0508");
        assertThat(e.getMessage()).contains("count writes outside of an allocation");
      });
      segment.close();
    }
  }

  @Test
  void aFailureWhileItRecordsLeavesNothingBehind() {
    try (EmulatedKernels kernels = new EmulatedKernels(KERNELS)) {
      long live = EmulatedDriver.count(DriverCounter.LIVE);
      boolean[] fails = {false};
      CudaSegment segment = new CudaSegment(
          kernels.stream,
          () -> {
            if (fails[0]) {
              throw new IllegalStateException("no launch");
            }
          },
          () -> false);
      segment.run();
      fails[0] = true;
      assertThatThrownBy(segment::run).isInstanceOf(IllegalStateException.class);
      kernels.stream.synchronize();
      assertThat(EmulatedDriver.count(DriverCounter.LIVE)).isEqualTo(live);
    }
  }
}
