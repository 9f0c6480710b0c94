package org.quantcache.kernels.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that run launches together. The caller is worker 0. Workers spin for a moment after a launch, since the next
 * one follows at once in a sampling loop, and then sleep. TVM's own pool is not used: it belongs to its calling thread
 * and can spin for ever when that ends.
 */
public final class WorkerPool implements AutoCloseable {
  private static final int SPINS = 20_000;

  private final List<Thread> threads = new ArrayList<>();
  private final NativeBuffer workspace;
  private final long workspaceBytes;
  private final AtomicInteger pending = new AtomicInteger();
  private volatile KernelLaunch launch;
  private volatile int generation;
  private volatile boolean closed;
  private volatile RuntimeException failure;

  /**
   * Starts the workers.
   *
   * @param workers number of threads, the caller included
   * @param workspaceBytes scratch memory for each worker
   */
  public WorkerPool(int workers, long workspaceBytes) {
    long rounded = (workspaceBytes + 4095) / 4096 * 4096;
    this.workspaceBytes = rounded;
    this.workspace = new NativeBuffer(rounded * workers);
    for (int worker = 1; worker < workers; worker++) {
      int number = worker;
      Thread thread = new Thread(() -> work(number), "qcc-worker-" + number);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  /** Number of workers, the caller included. */
  public int workers() {
    return threads.size() + 1;
  }

  /** Address of the scratch memory of a worker. */
  long workspace(int worker) {
    return workspace.address() + worker * workspaceBytes;
  }

  /** Runs a launch to its end. @throws IllegalStateException when a kernel failed */
  public void run(KernelLaunch next) {
    if (next.workers() == 1) {
      next.run(0);
      return;
    }
    // Every thread takes part, if only to say that it has nothing to do: none can meet a later
    // launch twice.
    pending.set(threads.size());
    launch = next;
    generation++;
    for (int i = 0; i < threads.size(); i++) {
      LockSupport.unpark(threads.get(i));
    }
    RuntimeException own = null;
    try {
      next.run(0);
    } catch (RuntimeException e) {
      own = e;
    }
    while (pending.get() > 0) {
      Thread.onSpinWait();
    }
    RuntimeException other = failure;
    failure = null;
    if (own != null || other != null) {
      throw own != null ? own : other;
    }
  }

  private void work(int worker) {
    int seen = 0;
    while (true) {
      for (int spin = 0; generation == seen && !closed; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      if (closed) {
        return;
      }
      seen = generation;
      KernelLaunch mine = launch;
      try {
        if (worker < mine.workers()) {
          mine.run(worker);
        }
      } catch (RuntimeException e) {
        failure = e;
      } finally {
        pending.decrementAndGet();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(LockSupport::unpark);
    boolean interrupted = false;
    for (Thread thread : threads) {
      boolean joined = false;
      while (!joined) {
        try {
          thread.join();
          joined = true;
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
}
