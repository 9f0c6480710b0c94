package org.quantcache.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that run launches together. The caller is worker 0. Workers spin for a moment after a launch, since the next
 * one follows at once in a sampling loop, and then sleep. TVM's own pool is not used: it belongs to its calling thread
 * and can spin for ever when that ends.
 */
public final class WorkerPool implements AutoCloseable {
  private static final long SPIN_NANOS = 50_000;
  private static final int SPINS_BETWEEN_LOOKS_AT_THE_CLOCK = 64;
  private static final int CREW_BITS = 16;
  private static final long CREW_MASK = (1L << CREW_BITS) - 1;
  private static final long CLOSING = CREW_MASK;
  private static final long PAGE_BYTES = 4096;

  private final Worker[] workers;
  private final Throwable[] failures;
  private final NativeBuffer workspace;
  private final long workspaceBytes;
  private final AtomicInteger pending = new AtomicInteger();
  private volatile KernelLaunch launch;
  private boolean closed;

  /**
   * Number of the launch (upper bits) and how many workers run it. Both are read at once: a worker that slept through
   * a launch without it cannot take the crew of a later one for its own.
   */
  private volatile long state;

  /**
   * Starts the workers.
   *
   * @param count number of threads, the caller included
   * @param workspaceBytes scratch memory for each worker
   */
  public WorkerPool(int count, long workspaceBytes) {
    if (count < 1 || count >= CLOSING) {
      throw new IllegalArgumentException(
          "a pool has 1.." + (CLOSING - 1) + " workers, found " + count);
    }
    this.workspaceBytes = (workspaceBytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    this.workspace = new NativeBuffer(this.workspaceBytes * count);
    this.failures = new Throwable[count];
    this.workers = new Worker[count - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Number of workers, the caller included. */
  public int workers() {
    return workers.length + 1;
  }

  /** Address of the scratch memory of a worker. */
  long workspace(int worker) {
    return workspace.address() + worker * workspaceBytes;
  }

  /**
   * Runs a launch to its end. One thread at a time may call this.
   *
   * @throws RuntimeException what the kernel of the lowest worker threw, after all ended
   */
  public void run(KernelLaunch next) {
    if (closed) {
      throw new IllegalStateException("the workers have ended");
    }
    int crew = next.workers();
    if (crew == 1) {
      next.run(0);
      return;
    }
    launch = next;
    pending.set(crew - 1);
    call(crew, crew - 1);
    attempt(0, next);
    awaitOthers();
    rethrow(crew);
  }

  private void call(long crew, int count) {
    state = (((state >>> CREW_BITS) + 1) << CREW_BITS) | crew;
    for (int i = 0; i < count; i++) {
      if (workers[i].sleeps) {
        LockSupport.unpark(workers[i]);
      }
    }
  }

  private void awaitOthers() {
    while (!spinUntilDone()) {
      // More threads than free cores: whoever is waited for needs this one.
      Thread.yield();
    }
  }

  private boolean spinUntilDone() {
    for (int i = 0; i < 16 * SPINS_BETWEEN_LOOKS_AT_THE_CLOCK; i++) {
      if (pending.get() == 0) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private void attempt(int worker, KernelLaunch mine) {
    try {
      mine.run(worker);
    } catch (RuntimeException | Error e) {
      failures[worker] = e;
    }
  }

  private void rethrow(int crew) {
    Throwable first = null;
    for (int i = 0; i < crew; i++) {
      first = first == null ? failures[i] : first;
      failures[i] = null;
    }
    if (first instanceof RuntimeException e) {
      throw e;
    }
    if (first instanceof Error e) {
      throw e;
    }
  }

  /** Ends the threads and waits for them. Closing again does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    call(CLOSING, workers.length);
    boolean interrupted = false;
    for (Worker worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    workspace.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker extends Thread {
    private final int number;
    private volatile boolean sleeps;

    Worker(int number) {
      super("qcc-worker-" + number);
      this.number = number;
      setDaemon(true);
    }

    @Override
    public void run() {
      long seen = 0;
      while (true) {
        seen = await(seen);
        long crew = seen & CREW_MASK;
        if (crew == CLOSING) {
          return;
        }
        if (number < crew) {
          attempt(number, launch);
          pending.decrementAndGet();
        }
      }
    }

    private long await(long seen) {
      long deadline = System.nanoTime() + SPIN_NANOS;
      do {
        for (int i = 0; i < SPINS_BETWEEN_LOOKS_AT_THE_CLOCK; i++) {
          long now = state;
          if (now != seen) {
            return now;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() < deadline);
      sleeps = true;
      while (state == seen) {
        LockSupport.park(WorkerPool.this);
        // Nobody interrupts these threads on purpose; a set flag would make park return at once for
        // ever.
        interrupted();
      }
      sleeps = false;
      return state;
    }
  }
}
