package org.quantcache.tools.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What programs read that are compared with each other, where no tensors are given. */
final class TextAndNoiseOptions {
  @Option(
      names = "--prompt",
      description = "What to show, for a model with a text table (default: text of noise).")
  private List<String> prompts = new ArrayList<>();

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Seed of the noise (default ${DEFAULT-VALUE}).")
  private long seed;

  List<String> prompts() {
    return List.copyOf(prompts);
  }

  long seed() {
    return seed;
  }
}
