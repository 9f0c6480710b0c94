package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quantcache.ir.diagnostics.UserError;

class JobsTest {
  @Test
  void resultsKeepTheOrderOfTheJobs() {
    List<Callable<Integer>> jobs = new ArrayList<>();
    IntStream.range(0, 20)
        .forEach(i -> jobs.add(() -> {
          Thread.sleep((20 - i) % 7);
          return i;
        }));
    AtomicInteger finished = new AtomicInteger();
    assertThat(Jobs.run(jobs, finished::incrementAndGet))
        .isEqualTo(IntStream.range(0, 20).boxed().toList());
    assertThat(finished).hasValue(20);
    assertThat(Jobs.run(List.of(), finished::incrementAndGet)).isEmpty();
  }

  @Test
  @Timeout(60)
  void theFirstFailureEndsTheOthersAndIsTheOneThatIsTold() {
    AtomicInteger started = new AtomicInteger();
    List<Callable<Integer>> jobs = new ArrayList<>();
    jobs.add(() -> {
      throw UserError.of("CG0403", "the first");
    });
    for (int i = 0; i < 1000; i++) {
      jobs.add(() -> {
        started.incrementAndGet();
        // Ends by being interrupted alone.
        new CountDownLatch(1).await();
        return 0;
      });
    }
    assertThatThrownBy(() -> Jobs.run(jobs, () -> {}))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.getMessage()).isEqualTo("the first"));
    assertThat(started).hasValueLessThan(1000);
  }

  @Test
  @Timeout(60)
  void noJobRunsOnceTheFailureIsTold() {
    AtomicInteger running = new AtomicInteger();
    CountDownLatch bothRun = new CountDownLatch(1);
    List<Callable<Integer>> jobs = List.of(
        () -> {
          running.incrementAndGet();
          bothRun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            // Cleans up, as a compiler does that is stopped.
            TimeUnit.MILLISECONDS.sleep(50);
          } finally {
            running.decrementAndGet();
          }
          return 0;
        },
        () -> {
          bothRun.await();
          throw new IllegalArgumentException("wrong");
        });
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
    assertThatThrownBy(() -> Jobs.run(jobs, () -> {})).isInstanceOf(IllegalArgumentException.class);
    assertThat(running).hasValue(0);
  }

  @Test
  @Timeout(60)
  void anInterruptEndsAll() {
    Thread.currentThread().interrupt();
    List<Callable<Integer>> jobs = List.of(() -> {
      new CountDownLatch(1).await();
      return 0;
    });
    assertThatThrownBy(() -> Jobs.run(jobs, () -> {})).isInstanceOf(UserError.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
