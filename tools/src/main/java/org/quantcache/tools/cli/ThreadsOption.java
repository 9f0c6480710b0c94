package org.quantcache.tools.cli;

import org.quantcache.ir.diagnostics.UserError;
import picocli.CommandLine.Option;

/** How many workers a program runs on. */
final class ThreadsOption {
  private static final int MAX_THREADS = 1024;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "Threads of the cpu device; 0 for all processors (default).")
  private int threads;

  /** @throws UserError CL0101 for a number that cannot be meant */
  int count() {
    if (threads < 0 || threads > MAX_THREADS) {
      throw UserError.of("CL0101", "--threads is %d, expected 0..%d", threads, MAX_THREADS);
    }
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
