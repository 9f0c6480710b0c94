package org.quantcache.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that run launches together. The caller is worker 0. Nobody waits for a worker that has not begun: whoever is
 * free takes the next piece, so a worker that sleeps, or that the system has given to another program, costs a launch
 * nothing but its help. Workers spin for a moment after a launch, since the next one follows at once in a sampling
 * loop, and then sleep. TVM's own pool is not used: it belongs to its calling thread and can spin for ever when that
 * ends.
 */
public final class WorkerPool implements AutoCloseable {
  private static final long SPIN_NANOS = 100_000;
  private static final int SPINS_BETWEEN_LOOKS_AT_THE_CLOCK = 64;
  private static final int PIECE_BITS = 16;
  private static final long PIECE_MASK = (1L << PIECE_BITS) - 1;
  private static final int MOST_WORKERS = 1 << (PIECE_BITS - 2);
  private static final long CLOSING = -1;
  private static final long PAGE_BYTES = 4096;

  private final Worker[] workers;
  private final Throwable[] failures;
  private final NativeBuffer workspace;
  private final long workspaceBytes;
  private final AtomicInteger ended = new AtomicInteger();
  private volatile KernelLaunch launch;
  private boolean closed;

  /**
   * Number of the launch, how many pieces it has, and which is the next, from the upper bits to the lower. A piece is
   * taken by counting up what was read, which fails when anything has changed: a worker that slept through a launch
   * cannot take its pieces for those of a later one.
   */
  private final AtomicLong turn = new AtomicLong();

  /**
   * Starts the workers.
   *
   * @param count number of threads, the caller included
   * @param workspaceBytes scratch memory for each worker
   */
  public WorkerPool(int count, long workspaceBytes) {
    if (count < 1 || count > MOST_WORKERS) {
      throw new IllegalArgumentException(
          "a pool has 1.." + MOST_WORKERS + " workers, found " + count);
    }
    this.workspaceBytes = (workspaceBytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    this.workspace = new NativeBuffer(this.workspaceBytes * count);
    this.failures = new Throwable[2 * count];
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
   * @throws RuntimeException what the kernel threw in the first of the pieces that failed, after all ended
   */
  public void run(KernelLaunch next) {
    if (closed) {
      throw new IllegalStateException("the workers have ended");
    }
    if (next.shares() == 1) {
      next.run(0, 0);
      return;
    }
    int pieces = next.pieces();
    launch = next;
    ended.set(0);
    long number = (turn.get() >>> 2 * PIECE_BITS) + 1;
    begin(number << 2 * PIECE_BITS | (long) pieces << PIECE_BITS, next.shares() - 1);
    takePieces(0);
    awaitOthers(pieces);
    rethrow(pieces);
  }

  private void begin(long first, int helpers) {
    turn.set(first);
    for (int i = 0; i < helpers; i++) {
      if (workers[i].sleeps) {
        LockSupport.unpark(workers[i]);
      }
    }
  }

  private static boolean hasPieces(long seen) {
    return (seen & PIECE_MASK) < (seen >>> PIECE_BITS & PIECE_MASK);
  }

  private void takePieces(int worker) {
    long seen = turn.get();
    while (hasPieces(seen)) {
      KernelLaunch mine = launch;
      if (turn.compareAndSet(seen, seen + 1)) {
        attempt(worker, mine, (int) (seen & PIECE_MASK));
        ended.incrementAndGet();
      }
      seen = turn.get();
    }
  }

  private void awaitOthers(int pieces) {
    while (!spinUntilEnded(pieces)) {
      // More threads than free cores: whoever is waited for needs this one.
      Thread.yield();
    }
  }

  private boolean spinUntilEnded(int pieces) {
    for (int i = 0; i < 16 * SPINS_BETWEEN_LOOKS_AT_THE_CLOCK; i++) {
      if (ended.get() == pieces) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private void attempt(int worker, KernelLaunch mine, int piece) {
    try {
      mine.run(worker, piece);
    } catch (RuntimeException | Error e) {
      failures[piece] = e;
    }
  }

  private void rethrow(int pieces) {
    Throwable first = null;
    for (int i = 0; i < pieces; i++) {
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
    begin(CLOSING, workers.length);
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
      while (awaitPieces()) {
        takePieces(number);
      }
    }

    /** Whether there are pieces, and not the end of the pool. */
    private boolean awaitPieces() {
      long deadline = System.nanoTime() + SPIN_NANOS;
      do {
        for (int i = 0; i < SPINS_BETWEEN_LOOKS_AT_THE_CLOCK; i++) {
          long seen = turn.get();
          if (seen == CLOSING || hasPieces(seen)) {
            return seen != CLOSING;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() < deadline);
      sleeps = true;
      while (turn.get() != CLOSING && !hasPieces(turn.get())) {
        LockSupport.park(WorkerPool.this);
        // Nobody interrupts these threads on purpose; a set flag would make park return at once for
        // ever.
        interrupted();
      }
      sleeps = false;
      return turn.get() != CLOSING;
    }
  }
}
