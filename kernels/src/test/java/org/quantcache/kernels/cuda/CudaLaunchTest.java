package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;

class CudaLaunchTest {
  private static final String KERNELS = """
      QC_KERNEL(64) add(const float* a, const float* b, float* sum, int first, float scale, int items) {
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < items) {
          sum[i] = fma_rn(b[i], scale, a[i]) + first;
        }
      }
      QC_REGISTER(add)

      QC_KERNEL(32) shared(float* out, int count) {
        QC_DYNAMIC_SHARED(memory);
        float* values = (float*)memory;
        for (int i = threadIdx.x; i < count; i += 32) {
          values[i] = i;
        }
        sync_block();
        if (threadIdx.x == 0) {
          out[0] = values[count - 1];
        }
      }
      QC_REGISTER(shared)
      """;

  private static EmulatedKernels kernels;

  @BeforeAll
  static void open() {
    kernels = new EmulatedKernels(KERNELS);
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  @Test
  void parametersReachTheKernelAndMayChangeBetweenRuns() {
    int items = 100;
    float[] a = new float[items];
    float[] b = new float[items];
    for (int i = 0; i < items; i++) {
      a[i] = i;
      b[i] = 2 * i;
    }
    DeviceMemory sum = kernels.memory(4 * items);
    DeviceMemory other = kernels.memory(4 * items);
    CudaLaunch launch = kernels
        .launch("add")
        .pointer(kernels.floats(a).address())
        .pointer(kernels.floats(b).address())
        .pointer(sum.address())
        .integer(-7)
        .real(0.5f)
        .integer(items)
        .geometry(2, 64, 0)
        .build(kernels.launches);
    launch.run(kernels.stream);
    // Work under way keeps the values it was started with.
    launch.setPointer(2, other.address());
    launch.setReal(4, 2);
    launch.setInteger(3, 1);
    launch.run(kernels.stream);
    kernels.stream.synchronize();
    for (int i = 0; i < items; i++) {
      assertThat(EmulatedKernels.floats(sum)[i]).isEqualTo(2 * i - 7f);
      assertThat(EmulatedKernels.floats(other)[i]).isEqualTo(5 * i + 1f);
    }
  }

  @Test
  void aLaunchWithoutBlocksDoesNothing() {
    DeviceMemory out = kernels.floats(3);
    kernels
        .launch("shared")
        .pointer(out.address())
        .integer(1)
        .geometry(0, 32, 4)
        .build(kernels.launches)
        .run(kernels.stream);
    kernels.stream.synchronize();
    assertThat(EmulatedKernels.floats(out)).containsExactly(3);
  }

  @Test
  void blocksGetMuchSharedMemoryAndNotMoreThanThereIs() {
    DeviceMemory out = kernels.memory(4);
    int count = 20_000;
    kernels
        .launch("shared")
        .pointer(out.address())
        .integer(count)
        .geometry(1, 32, 4 * count)
        .build(kernels.launches)
        .run(kernels.stream);
    kernels.stream.synchronize();
    assertThat(EmulatedKernels.floats(out)).containsExactly(count - 1);
    assertThatThrownBy(() -> kernels
            .launch("shared")
            .geometry(1, 32, kernels.device.sharedBytes() + 1)
            .build(kernels.launches))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0508"));
  }

  @Test
  void aBlockLargerThanTheKernelAllowsIsRefused() {
    CudaLaunch launch = kernels
        .launch("shared")
        .pointer(kernels.memory(4).address())
        .integer(1)
        .geometry(1, 64, 4)
        .build(kernels.launches);
    assertThatThrownBy(() -> launch.run(kernels.stream))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("RT0508");
          assertThat(e.report()).contains("launch shared", "LAUNCH_OUT_OF_RESOURCES");
        });
  }

  @Test
  void runningAllocatesNothing() {
    CudaLaunch launch = kernels
        .launch("shared")
        .pointer(kernels.memory(4).address())
        .integer(1)
        .geometry(1, 32, 64)
        .build(kernels.launches);
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long before = thread.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        launch.run(kernels.stream);
      }
      // The counter itself may take a little; a launch that allocated would take 100 times
      // something.
      least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
    }
    kernels.stream.synchronize();
    assertThat(least).isLessThan(1000);
  }

  @Test
  void aParameterThatIsNotThereCannotBeSet() {
    CudaLaunch launch = kernels.launch("shared").integer(1).build(kernels.launches);
    assertThatThrownBy(() -> launch.setReal(1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void manyLaunchesHaveParametersOfTheirOwn() {
    DeviceMemory out = kernels.memory(4);
    CudaLaunch[] all = new CudaLaunch[3000];
    for (int i = 0; i < all.length; i++) {
      all[i] = kernels
          .launch("shared")
          .pointer(out.address())
          .integer(1 + i % 8)
          .geometry(1, 32, 64)
          .build(kernels.launches);
    }
    for (int i = 0; i < all.length; i += 499) {
      all[i].run(kernels.stream);
      kernels.stream.synchronize();
      assertThat(EmulatedKernels.floats(out)).containsExactly(i % 8);
    }
  }
}
