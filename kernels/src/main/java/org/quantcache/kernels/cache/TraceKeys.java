package org.quantcache.kernels.cache;

import java.util.Set;

/** What a trace may say; a word that is spelled wrong would otherwise be passed over. */
final class TraceKeys {
  static final Set<String> OF_GUARDS = Set.of(
      "policy",
      "reach",
      "bits_policy",
      "computed",
      "divergence",
      "noise_dominated",
      "bits",
      "weights",
      "not_reached",
      "probes");
  static final Set<String> OF_LAYERS =
      Set.of("kind", "layer", "policy", "kept", "pruned", "computed", "similarity", "variation");

  private TraceKeys() {}
}
