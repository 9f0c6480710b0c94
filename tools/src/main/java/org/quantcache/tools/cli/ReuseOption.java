package org.quantcache.tools.cli;

import picocli.CommandLine.Option;

/** What a step adds that is not computed. */
final class ReuseOption {
  /** The last value, or where the last two are heading. */
  enum Reuse {
    HOLD,
    LINEAR
  }

  @Option(
      names = "--reuse",
      defaultValue = "linear",
      description = "What other steps add: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private Reuse reuse;

  boolean linear() {
    return reuse == Reuse.LINEAR;
  }
}
