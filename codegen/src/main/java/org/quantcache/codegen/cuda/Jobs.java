package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.quantcache.ir.diagnostics.UserError;

/** Jobs on as many threads as this machine has processors. */
final class Jobs {
  private static final long SECONDS_TO_STOP = 60;

  private Jobs() {}

  /**
   * Results in the order of the jobs. The first job that fails ends the others, and its failure is thrown.
   *
   * @param finished called after each job, by the calling thread
   */
  static <T> List<T> run(List<Callable<T>> jobs, Runnable finished) {
    int threads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), jobs.size()));
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, job -> new Thread(job, "qcc-compile-cuda"));
    try {
      CompletionService<T> running = new ExecutorCompletionService<>(pool);
      List<Future<T>> futures = new ArrayList<>();
      jobs.forEach(job -> futures.add(running.submit(job)));
      for (int i = 0; i < jobs.size(); i++) {
        running.take().get();
        finished.run();
      }
      List<T> out = new ArrayList<>();
      for (Future<T> future : futures) {
        out.add(future.get());
      }
      return out;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("compilation failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.of("CG0403", "compiling the kernels was interrupted").causedBy(e);
    } finally {
      stop(pool);
    }
  }

  /** Waits, so that no job leaves files behind after its caller has gone on. */
  private static void stop(ExecutorService pool) {
    pool.shutdownNow();
    try {
      pool.awaitTermination(SECONDS_TO_STOP, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
