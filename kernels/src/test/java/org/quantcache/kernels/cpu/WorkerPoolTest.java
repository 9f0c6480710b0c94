package org.quantcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerPoolTest {
  private static final int MOST_ITEMS = 64;

  /** How often each item of the launch was done. */
  private final AtomicIntegerArray done = new AtomicIntegerArray(MOST_ITEMS);

  private final Set<Long> workspaces = new ConcurrentSkipListSet<>();
  private final Set<String> threads = new ConcurrentSkipListSet<>();
  private final AtomicInteger wrongArguments = new AtomicInteger();
  private volatile long expectedArgument;
  private final JavaKernel counting = new JavaKernel((argument, workspace, lo, hi) -> {
    wrongArguments.addAndGet(argument == expectedArgument ? 0 : 1);
    workspaces.add(workspace);
    threads.add(Thread.currentThread().getName());
    for (long i = lo; i < hi; i++) {
      done.incrementAndGet((int) i);
    }
  });

  @AfterEach
  void free() {
    counting.close();
  }

  private void requireEachDoneOnce(int items) {
    for (int i = 0; i < MOST_ITEMS; i++) {
      assertThat(done.getAndSet(i, 0)).as("item %d of %d", i, items).isEqualTo(i < items ? 1 : 0);
    }
    assertThat(wrongArguments.get()).isZero();
  }

  @Test
  void everyItemIsDoneOnceForAnyNumberOfWorkersAndItems() {
    for (int workers = 1; workers <= 4; workers++) {
      try (WorkerPool pool = new WorkerPool(workers, 100)) {
        assertThat(pool.workers()).isEqualTo(workers);
        for (int items : new int[] {0, 1, 2, 3, 4, 5, 7, 63, 64}) {
          expectedArgument = items;
          pool.run(counting.launch(items).build(pool, items));
          requireEachDoneOnce(items);
        }
      }
    }
  }

  /** Crews that change from launch to launch, with and without a sleep of the workers in between. */
  @Test
  void launchesForChangingCrewsNeitherLoseNorRepeatWork() {
    Random random = new Random(4);
    for (int workers = 2; workers <= 4; workers++) {
      try (WorkerPool pool = new WorkerPool(workers, 0)) {
        List<KernelLaunch> launches = new ArrayList<>();
        for (int items = 0; items <= 8; items++) {
          launches.add(counting.launch(7).build(pool, items));
          launches.add(counting.launch(7).buildAlone(pool, items));
        }
        expectedArgument = 7;
        for (int round = 0; round < 3000; round++) {
          int next = random.nextInt(launches.size());
          pool.run(launches.get(next));
          requireEachDoneOnce(next / 2);
          if (round % 100 == 0) {
            // Longer than workers spin: they sleep now.
            LockSupport.parkNanos(1_000_000);
          }
        }
      }
    }
  }

  @Test
  void eachWorkerHasScratchMemoryAndAThreadOfItsOwn() {
    AtomicInteger arrived = new AtomicInteger();
    try (WorkerPool pool = new WorkerPool(3, 5000);
        JavaKernel together = new JavaKernel((argument, workspace, lo, hi) -> {
          workspaces.add(workspace);
          threads.add(Thread.currentThread().getName());
          arrived.incrementAndGet();
          await(arrived, 3);
        })) {
      pool.run(together.launch(1).build(pool, 3));
      assertThat(threads).hasSize(3).contains(Thread.currentThread().getName());
      List<Long> starts = new ArrayList<>(workspaces);
      assertThat(starts).hasSize(3);
      for (int i = 1; i < 3; i++) {
        assertThat(starts.get(i) - starts.get(i - 1)).isGreaterThanOrEqualTo(5000);
      }
    }
  }

  @Test
  void aWorkerThatIsBusyLeavesPartOfItsShareToTheOther() {
    AtomicInteger others = new AtomicInteger();
    try (WorkerPool pool = new WorkerPool(2, 0);
        JavaKernel uneven = new JavaKernel((argument, workspace, lo, hi) -> {
          if (lo == 0) {
            // All but this piece, which is the larger part of half of the items.
            await(others, 64 - (int) hi);
          } else {
            others.addAndGet((int) (hi - lo));
          }
        })) {
      pool.run(uneven.launch(1).build(pool, 64));
      assertThat(others.get()).isBetween(33, 63);
    }
  }

  private static void await(AtomicInteger counter, int atLeast) {
    while (counter.get() < atLeast) {
      Thread.yield();
    }
  }

  @Test
  void aLaunchForOneRunsOnTheCallerWhateverItsSize() {
    try (WorkerPool pool = new WorkerPool(4, 0)) {
      expectedArgument = 1;
      pool.run(counting.launch(1).buildAlone(pool, 64));
      requireEachDoneOnce(64);
      assertThat(threads).containsExactly(Thread.currentThread().getName());
    }
  }

  @Test
  void aFailureIsThrownOnceAfterAllEndedAndThePoolGoesOn() {
    AtomicInteger ended = new AtomicInteger();
    try (WorkerPool pool = new WorkerPool(4, 0);
        JavaKernel failing = new JavaKernel((argument, workspace, lo, hi) -> {
          if (lo != argument) {
            LockSupport.parkNanos(5_000_000);
          }
          ended.incrementAndGet();
          if (lo == argument) {
            throw new IllegalStateException("ValueError: item " + lo + " is bad");
          }
        })) {
      for (int bad = 0; bad < 4; bad++) {
        ended.set(0);
        KernelLaunch launch = failing.launch(bad).build(pool, 4);
        assertThatThrownBy(() -> pool.run(launch))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("item " + bad + " is bad");
        assertThat(ended).hasValue(4);
        expectedArgument = 2;
        pool.run(counting.launch(2).build(pool, 4));
        requireEachDoneOnce(4);
      }
    }
  }

  @Test
  void ofSeveralFailuresTheFirstInOrderIsThrown() {
    try (WorkerPool pool = new WorkerPool(3, 0);
        JavaKernel failing = new JavaKernel((argument, workspace, lo, hi) -> {
          throw new IllegalStateException("ValueError: item " + lo + " is bad");
        })) {
      KernelLaunch launch = failing.launch(0).build(pool, 3);
      for (int round = 0; round < 20; round++) {
        assertThatThrownBy(() -> pool.run(launch)).hasMessageContaining("item 0 is bad");
      }
    }
  }

  @Test
  void closingEndsTheThreadsAndMayBeRepeated() {
    WorkerPool pool = new WorkerPool(3, 64);
    KernelLaunch launch = counting.launch(0).build(pool, 3);
    pool.run(launch);
    pool.close();
    assertThat(runningWorkers()).isEmpty();
    pool.close();
    assertThatThrownBy(() -> pool.run(launch)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSleepingPoolClosesToo() {
    WorkerPool pool = new WorkerPool(3, 64);
    LockSupport.parkNanos(5_000_000);
    pool.close();
    assertThat(runningWorkers()).isEmpty();
  }

  @Test
  void closingKeepsTheInterruptOfTheCaller() {
    WorkerPool pool = new WorkerPool(2, 0);
    Thread.currentThread().interrupt();
    pool.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(runningWorkers()).isEmpty();
  }

  @Test
  void aPoolWithoutWorkersIsRefused() {
    for (int count : new int[] {Integer.MIN_VALUE, -1, 0, 1 << 16}) {
      assertThatThrownBy(() -> new WorkerPool(count, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Set<String> runningWorkers() {
    Set<String> out = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("qcc-worker-")) {
        out.add(thread.getName());
      }
    }
    return out;
  }
}
