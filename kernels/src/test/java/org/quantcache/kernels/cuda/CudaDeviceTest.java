package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

class CudaDeviceTest {
  private static final long CAPACITY = 4L << 30;
  private static EmulatedKernels kernels;

  @BeforeAll
  static void open() {
    kernels = new EmulatedKernels("""
        QC_KERNEL(32) count(int* out, int items) {
          if (threadIdx.x == 0) {
            out[0] += items;
          }
        }
        QC_REGISTER(count)
        """);
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  @Test
  void theDeviceSaysWhatItIs() {
    CudaDevice device = kernels.device;
    assertThat(device.name()).isEqualTo("emulated device");
    assertThat(device.isEmulated()).isTrue();
    assertThat(device.computeCapability()).isEqualTo(80);
    assertThat(device.driverVersion()).isEqualTo(12060);
    assertThat(device.multiprocessors()).isPositive();
    assertThat(device.sharedBytes()).isEqualTo(163 << 10);
    assertThat(device.totalBytes()).isEqualTo(CAPACITY);
  }

  @Test
  void anotherThreadUsesTheDeviceAfterSayingSo() {
    UserError refused = CompletableFuture.supplyAsync(
            () -> {
              try {
                kernels.device.freeBytes();
                return null;
              } catch (UserError e) {
                return e;
              }
            },
            task -> new Thread(task).start())
        .join();
    assertThat(refused.code()).isEqualTo("RT0508");
    long free = CompletableFuture.supplyAsync(
            () -> {
              kernels.device.use();
              return kernels.device.freeBytes();
            },
            task -> new Thread(task).start())
        .join();
    assertThat(free).isPositive();
  }

  @Test
  void memoryIsAlignedAndCountedAndGivenBack() {
    long before = kernels.device.freeBytes();
    try (DeviceMemory memory = new DeviceMemory(kernels.device, 1000, "a test", "test less")) {
      assertThat(memory.address() % 256).isZero();
      assertThat(kernels.device.freeBytes()).isEqualTo(before - 1000);
      assertThatThrownBy(() -> memory.upload(990, ByteBuffer.allocateDirect(11)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(kernels.device.freeBytes()).isEqualTo(before);
  }

  @Test
  void copiesHonourPositionsAndOffsets() {
    try (DeviceMemory memory = new DeviceMemory(kernels.device, 16, "a test", "test less")) {
      ByteBuffer from = ByteBuffer.allocateDirect(8);
      for (int i = 0; i < 8; i++) {
        from.put(i, (byte) i);
      }
      memory.upload(8, from.position(2).limit(6));
      ByteBuffer to = ByteBuffer.allocateDirect(8);
      memory.download(9, to.position(5));
      assertThat(new int[] {to.get(5), to.get(6), to.get(7)}).containsExactly(3, 4, 5);
      assertThat(to.get(4)).isZero();
    }
  }

  @Test
  void tooLittleMemoryIsACodedErrorThatSaysWhatToShrink() {
    EmulatedDriver.setCapacity(10 << 20);
    try {
      assertThatThrownBy(() ->
              new DeviceMemory(kernels.device, 20 << 20, "activations", "compile for fewer frames"))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("RT0506");
            assertThat(e.report())
                .contains("20 MiB for activations", "of 10 MiB are free", "fewer frames");
          });
    } finally {
      EmulatedDriver.setCapacity(CAPACITY);
    }
  }

  @Test
  void imagesForOtherDevicesAreCodedErrors() {
    byte[] cubin = new byte[64];
    System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, 0, cubin, 0, 7);
    cubin[18] = (byte) 190;
    for (byte[] image : new byte[][] {cubin, "no image".getBytes(StandardCharsets.US_ASCII), {}}) {
      assertThatThrownBy(() -> new CudaModule(kernels.device, "sample", image))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("RT0509");
            assertThat(e.getMessage()).contains("capability 8.0", "kernels of sample");
          });
    }
  }

  @Test
  void aKernelThatIsNotThereIsACodedError() {
    assertThatThrownBy(() -> kernels.launch("absent"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("RT0510");
          assertThat(e.getMessage()).contains("lack absent");
        });
  }

  @Test
  void aStreamWorksLaterAndInOrder() {
    try (HostMemory from = new HostMemory(64);
        HostMemory to = new HostMemory(64);
        CudaEvent start = new CudaEvent();
        CudaEvent end = new CudaEvent()) {
      DeviceMemory one = kernels.memory(64);
      DeviceMemory other = kernels.memory(64);
      from.view(0, 64).putInt(0, 5);
      to.view(0, 64).putInt(0, -1);
      CudaLaunch count =
          kernels.launch("count").pointer(one.address()).integer(3).build(kernels.launches);
      start.record(kernels.stream);
      kernels.stream.upload(from, 0, one, 0, 64);
      count.run(kernels.stream);
      kernels.stream.copy(one, 0, other, 32, 32);
      kernels.stream.fill(one, 0, 64, (byte) 0);
      kernels.stream.download(other, 32, to, 4, 4);
      kernels.stream.download(one, 0, to, 0, 4);
      end.record(kernels.stream);
      // Nobody waited, so nothing arrived.
      assertThat(to.view(0, 64).getInt(0)).isEqualTo(-1);
      end.synchronize();
      assertThat(to.view(0, 64).getInt(0)).isZero();
      assertThat(to.view(0, 64).getInt(4)).isEqualTo(8);
      assertThat(start.millisecondsTo(end)).isNotNegative();
    }
  }

  @Test
  void aGraphRepeatsWhatWasRecorded() {
    DeviceMemory out = kernels.memory(4);
    out.upload(0, ByteBuffer.allocateDirect(4));
    CudaLaunch count =
        kernels.launch("count").pointer(out.address()).integer(2).build(kernels.launches);
    try (CudaGraph graph = kernels.stream.capture(() -> {
      count.run(kernels.stream);
      count.run(kernels.stream);
    })) {
      kernels.stream.synchronize();
      assertThat(EmulatedKernels.ints(out)).containsExactly(0);
      count.setInteger(1, 100);
      graph.run(kernels.stream);
      graph.run(kernels.stream);
      kernels.stream.synchronize();
      assertThat(EmulatedKernels.ints(out)).containsExactly(8);
    }
  }

  @Test
  void aRecordingThatFailsLeavesTheStreamUsable() {
    assertThatThrownBy(() -> kernels.stream.capture(() -> kernels.stream.synchronize()))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.getMessage()).contains("CAPTURE"));
    kernels.stream.synchronize();
  }
}
