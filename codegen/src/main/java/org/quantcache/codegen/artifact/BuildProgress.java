package org.quantcache.codegen.artifact;

/** Told how far a compilation is. Calls may come from several threads, one at a time. */
@FunctionalInterface
public interface BuildProgress {
  /** Tells nobody. */
  BuildProgress NONE = (phase, done, total) -> {};

  /** Work that takes long. */
  enum Phase {
    /** In kernels. */
    KERNELS,
    /** In bytes. */
    WEIGHTS
  }

  /** {@code done} of {@code total} of a phase are done. */
  void advanced(Phase phase, long done, long total);
}
