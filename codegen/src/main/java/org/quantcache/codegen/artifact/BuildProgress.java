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

  /**
   * Code that was made for cards.
   *
   * @param compiler with its version
   * @param kernels that the code holds
   * @param images forms of it: one for each card, and one that drivers translate
   * @param cached how many of the forms the cache of the user held
   */
  record Code(String compiler, int kernels, int images, int cached) {}

  /** The code for cards is there. */
  default void compiled(Code code) {}
}
