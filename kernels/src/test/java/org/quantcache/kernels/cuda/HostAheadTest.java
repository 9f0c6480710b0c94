package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.emulation.DriverCounter;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** Java goes ahead of the device, and the device sees what Java meant. */
class HostAheadTest {
  private static final int STEPS = 10;
  private static final int SENDS = 5;
  private static final long LARGE = 1 << 20;

  private static final String KERNELS = """
      QC_KERNEL(32) append(const int* value, int* list) {
        if (threadIdx.x == 0) {
          list[++list[0]] = value[0];
        }
      }
      QC_REGISTER(append)
      QC_KERNEL(32) leave(const float* value, float* total) {
        if (threadIdx.x == 0) {
          total[0] = value[0];
        }
      }
      QC_REGISTER(leave)
      """;

  private EmulatedKernels kernels;
  private Arena arena;
  private HostAhead ahead;

  @BeforeEach
  void open() {
    kernels = new EmulatedKernels(KERNELS);
    arena = new Arena(kernels.device, LARGE + 1024);
    ahead = new HostAhead(kernels.device, kernels.stream, arena);
  }

  @AfterEach
  void close() {
    ahead.close();
    arena.close();
    kernels.close();
  }

  /** A launch that appends the value at an offset of the arena to a list. */
  private CudaLaunch append(long offset, DeviceMemory list) {
    return kernels
        .launch("append")
        .pointer(arena.address(offset))
        .pointer(list.address())
        .build(kernels.launches);
  }

  private DeviceMemory list(int length) {
    return kernels.floats(new float[1 + length]);
  }

  private void write(long offset, float value) {
    arena.view(offset, 4).putFloat(0, value);
  }

  private static long waits() {
    return EmulatedDriver.count(DriverCounter.WAITS);
  }

  @Test
  void valuesThatJavaWritesOverAndOverArriveOneByOneWithoutWaiting() {
    DeviceMemory list = list(STEPS * SENDS);
    CudaLaunch append = append(0, list);
    long before = waits();
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i < SENDS; i++) {
        arena.view(0, 4).putInt(0, 100 * step + i);
        ahead.send(0, 4);
        append.run(kernels.stream);
      }
      ahead.endStep();
    }
    assertThat(waits()).isEqualTo(before);
    ahead.finish();
    int[] found = EmulatedKernels.ints(list);
    for (int i = 0; i < STEPS * SENDS; i++) {
      assertThat(found[1 + i]).isEqualTo(100 * (i / SENDS) + i % SENDS);
    }
  }

  @Test
  void valuesTooLargeToBeStagedAreWaitedFor() {
    DeviceMemory list = list(2);
    long before = waits();
    for (int value : new int[] {5, 6}) {
      arena.view(0, LARGE).putInt(0, value);
      ahead.send(0, LARGE);
      append(0, list).run(kernels.stream);
    }
    assertThat(waits()).isEqualTo(before + 2);
    ahead.finish();
    assertThat(EmulatedKernels.ints(list)).containsExactly(2, 5, 6);
  }

  @Test
  void manyValuesOfOneStepAllArrive() {
    int count = 40;
    int bytes = 4096;
    DeviceMemory list = list(count);
    CudaLaunch append = append(0, list);
    for (int i = 0; i < count; i++) {
      arena.view(0, bytes).putInt(0, 1000 + i);
      ahead.send(0, bytes);
      append.run(kernels.stream);
    }
    ahead.finish();
    int[] found = EmulatedKernels.ints(list);
    for (int i = 0; i < count; i++) {
      assertThat(found[1 + i]).isEqualTo(1000 + i);
    }
  }

  @Test
  void javaIsAtMostTwoStepsAhead() {
    try (HostMemory progress = new HostMemory(4 * STEPS);
        DeviceMemory done = new DeviceMemory(kernels.device, 4, "a test", "test less")) {
      for (int step = 0; step < STEPS; step++) {
        progress.view(4 * step, 4).putInt(0, -1);
      }
      kernels.stream.fill(done, 0, 4, (byte) 1);
      for (int step = 0; step < STEPS; step++) {
        kernels.stream.download(done, 0, progress, 4 * step, 4);
        ahead.endStep();
        for (int other = 0; other <= step; other++) {
          assertThat(progress.view(4 * other, 4).getInt(0) != -1)
              .as("step %d after step %d", other, step)
              .isEqualTo(other <= step - 2);
        }
      }
      ahead.finish();
      assertThat(progress.view(4 * (STEPS - 1), 4).getInt(0)).isNotEqualTo(-1);
    }
  }

  /** Measures a value; the place of the value is used for something else afterwards. */
  private void measure(int index, float value, Consumer<FloatBuffer> reader) {
    write(0, value);
    ahead.send(0, 4);
    ahead.measured(index, 1, reader);
    kernels
        .launch("leave")
        .pointer(arena.address(0))
        .pointer(ahead.total(index))
        .build(kernels.launches)
        .run(kernels.stream);
    write(0, -1);
    ahead.send(0, 4);
  }

  private static long copies() {
    return EmulatedDriver.count(DriverCounter.COPIES);
  }

  private static long eventWaits() {
    return EmulatedDriver.count(DriverCounter.EVENT_WAITS);
  }

  @Test
  void measurementsAreReadLateInOrderAndTravelTogether() {
    List<Float> read = new ArrayList<>();
    Consumer<FloatBuffer> reader = sums -> read.add(sums.get(0));
    ahead.takeRoomFor(4);
    measure(2, 1.5f, reader);
    measure(0, 2.5f, reader);
    long copies = copies();
    ahead.bringMeasurements();
    ahead.bringMeasurements();
    assertThat(copies()).isEqualTo(copies + 1);
    assertThat(read).isEmpty();
    long waits = waits();
    long eventWaits = eventWaits();
    ahead.takeMeasurements();
    assertThat(read).containsExactly(1.5f, 2.5f);
    ahead.takeMeasurements();
    assertThat(read).hasSize(2);
    assertThat(copies()).isEqualTo(copies + 1);
    assertThat(waits()).isEqualTo(waits);
    assertThat(eventWaits()).isEqualTo(eventWaits + 1);
  }

  @Test
  void whatNobodyBroughtIsBroughtWhenItIsTaken() {
    List<Float> read = new ArrayList<>();
    Consumer<FloatBuffer> reader = sums -> read.add(sums.get(0));
    ahead.takeRoomFor(3);
    measure(0, 1, reader);
    ahead.bringMeasurements();
    measure(1, 2, reader);
    measure(2, 3, reader);
    ahead.takeMeasurements();
    assertThat(read).containsExactly(1f, 2f, 3f);
  }

  @Test
  void aMeasurementIsReadBeforeAnotherTakesItsPlace() {
    List<Float> read = new ArrayList<>();
    Consumer<FloatBuffer> reader = sums -> read.add(sums.get(0));
    ahead.takeRoomFor(1);
    measure(0, 1, reader);
    measure(0, 2, reader);
    assertThat(read).containsExactly(1f);
    ahead.takeMeasurements();
    assertThat(read).containsExactly(1f, 2f);
  }

  @Test
  void moreMeasurementsTakeMoreRoom() {
    List<Float> read = new ArrayList<>();
    ahead.takeRoomFor(1);
    ahead.takeRoomFor(3);
    long third = ahead.total(2);
    ahead.takeRoomFor(2);
    assertThat(ahead.total(2)).isEqualTo(third);
    measure(2, 7, sums -> read.add(sums.get(0)));
    ahead.takeMeasurements();
    assertThat(read).containsExactly(7f);
  }

  @Test
  void aRunThatEndsEarlyLeavesNoMeasurement() {
    List<Float> read = new ArrayList<>();
    ahead.takeRoomFor(1);
    measure(0, 1, sums -> read.add(sums.get(0)));
    ahead.bringMeasurements();
    ahead.finish();
    ahead.takeMeasurements();
    assertThat(read).isEmpty();
  }

  @Test
  void aFailedKernelShowsAtTheEndOfTheRun() {
    // The list is full.
    append(0, kernels.floats(Float.intBitsToFloat(20))).run(kernels.stream);
    ahead.endStep();
    assertThatThrownBy(ahead::finish)
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0508"));
  }
}
