package org.quantcache.tools.explain;

import java.util.Optional;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.kernels.cache.GuardInputs;

/** Why a step is computed whatever was measured. */
final class AlwaysWords {
  private AlwaysWords() {}

  static String of(GuardPolicy policy, GuardInputs inputs) {
    return rule(policy)
        .map(rule -> of(rule, inputs))
        .orElse("the policy always computes this step");
  }

  private static String of(AlwaysComputed rule, GuardInputs inputs) {
    if (inputs.step() < rule.warmup()) {
      return "one of the first " + rule.warmup() + " steps (warmup), which are always computed";
    }
    if (inputs.step() >= inputs.steps() - rule.tail()) {
      return "one of the last " + rule.tail() + " steps (tail), which are always computed";
    }
    return "outside of the part " + rule.from() + ".." + rule.until()
        + " of the loop, where every step is computed";
  }

  private static Optional<AlwaysComputed> rule(GuardPolicy policy) {
    if (policy instanceof CodebookPolicy codebook) {
      return Optional.of(codebook.always());
    }
    return policy instanceof AccumulatePolicy sum ? Optional.of(sum.always()) : Optional.empty();
  }
}
