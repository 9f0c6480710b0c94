package org.quantcache.passes.aigq;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.Levels;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;

/**
 * Bits of activations that change from computed step to computed step: each guard that measures says at the head of its
 * region how many this step takes.
 */
final class StepBits {
  private static final String FORM = "([0-9.]{1,12}:[468]/){0,8}[468]";

  private final BitsPolicy policy;
  private final Map<Operation, Value> byGuard = new IdentityHashMap<>();

  private StepBits(BitsPolicy policy) {
    this.policy = policy;
  }

  static List<OptionSpec> specs() {
    return List.of(
        OptionSpec.text(
            "activations",
            "8",
            FORM,
            "4, 6, 8, or bound:bits/.../bits such as 0.05:4/0.1:6/8",
            "bits of an activation, or bits by the divergence that the guard around it measures"),
        OptionSpec.integer(
            "protect-first", 1, 0, 1000, "first steps at which activations take the most bits"),
        OptionSpec.integer(
            "protect-last", 2, 0, 1000, "last steps at which activations take the most bits"),
        OptionSpec.integer(
            "boost-after",
            0,
            0,
            1000,
            "steps of a gap behind which activations take one level more, 0 for never"));
  }

  /** @throws UserError PA0705 when bounds are out of order */
  static StepBits of(Options options) {
    String text = options.word("activations");
    try {
      return new StepBits(new BitsPolicy(
          Levels.parse(text),
          options.integer("protect-first"),
          options.integer("protect-last"),
          options.integer("boost-after")));
    } catch (IllegalArgumentException e) {
      throw UserError.of("PA0705", "activations=%s cannot be used: %s", text, e.getMessage())
          .withHint("bounds ascend, as in 0.05:4/0.1:6/8");
    }
  }

  /** The most bits that an activation takes. */
  int most() {
    return policy.most();
  }

  /** Whether bits change at all. */
  boolean change() {
    return policy.levels().vary();
  }

  /**
   * The bits of the step at which a product runs; empty when they never change.
   *
   * @throws UserError PA0706 when no guard around the product measures anything
   */
  Optional<Value> around(Operation product, Rewriter rewriter) {
    if (!change()) {
      return Optional.empty();
    }
    Optional<Operation> around = product.parent().owner();
    while (around.isPresent() && !measures(around.get())) {
      around = around.get().parent().owner();
    }
    Operation guard = around.orElseThrow(() -> UserError.of(
            "PA0706",
            "no guard around '%s' measures a divergence",
            product.location().text())
        .withHint("put hlc with a codebook in front of aigq, or give activations one width"));
    return Optional.of(byGuard.computeIfAbsent(guard, g -> insert(g, rewriter)));
  }

  private static boolean measures(Operation operation) {
    return operation.is(CacheOps.GUARD)
        && GuardPolicy.of(operation.attributes().get("policy")).measures();
  }

  private Value insert(Operation guard, Rewriter rewriter) {
    return rewriter
        .before(guard.regions().get(0).operations().get(0))
        .create(CacheOps.BITS)
        .attribute("guard", guard.attributes().get("name"))
        .attribute("policy", policy.attribute())
        .at(guard.location())
        .names("bits")
        .result();
  }
}
