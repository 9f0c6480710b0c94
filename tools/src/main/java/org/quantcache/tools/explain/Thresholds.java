package org.quantcache.tools.explain;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.Levels;
import org.quantcache.ir.policy.PlanPolicy;
import org.quantcache.ir.policy.SimilarityPolicy;

/** The numbers of a policy that measurements are held against, and the policy with one of them moved. */
final class Thresholds {
  private Thresholds() {}

  /**
   * One threshold.
   *
   * @param name of it in the policy
   * @param value of it
   * @param moved the policy with another value in its place; neighbours give way where the order asks for it
   */
  record Threshold<P>(String name, double value, DoubleFunction<P> moved) {}

  /** Of a guard; none where nothing is measured. */
  static List<Threshold<GuardPolicy>> of(GuardPolicy policy) {
    if (policy instanceof AccumulatePolicy sum) {
      return List.of(new Threshold<>(
          "threshold",
          sum.threshold(),
          v -> new AccumulatePolicy(v, sum.rescale(), sum.always(), sum.metric())));
    }
    return policy instanceof CodebookPolicy codebook ? ofCodebook(codebook) : ofPlan(policy);
  }

  private static List<Threshold<GuardPolicy>> ofPlan(GuardPolicy policy) {
    if (!(policy instanceof PlanPolicy)) {
      throw new IllegalStateException(
          "no thresholds are known of " + policy.attribute().text());
    }
    return List.of();
  }

  private static List<Threshold<GuardPolicy>> ofCodebook(CodebookPolicy policy) {
    List<Threshold<GuardPolicy>> out = new ArrayList<>();
    List<Double> bounds = policy.intervals().bounds();
    for (int i = 0; i < bounds.size(); i++) {
      int index = i;
      out.add(new Threshold<>(
          "bound " + Numbers.exact(bounds.get(i)),
          bounds.get(i),
          v -> new CodebookPolicy(
              new Levels(moved(bounds, index, v), policy.intervals().values()),
              policy.always(),
              policy.metric())));
    }
    return out;
  }

  private static List<Double> moved(List<Double> bounds, int index, double value) {
    List<Double> out = new ArrayList<>(bounds);
    out.set(index, value);
    for (int i = index - 1; i >= 0; i--) {
      out.set(i, Math.min(out.get(i), Math.nextDown(out.get(i + 1))));
    }
    for (int i = index + 1; i < out.size(); i++) {
      out.set(i, Math.max(out.get(i), Math.nextUp(out.get(i - 1))));
    }
    return out;
  }

  /** Of layers, by similarity. */
  static List<Threshold<SimilarityPolicy>> ofSimilarity(SimilarityPolicy p) {
    return List.of(
        new Threshold<>("tau_low", p.tauLow(), v -> {
          double low = Math.max(-1, Math.min(1, v));
          return with(p, low, Math.max(low, p.tauHigh()), p.deltaLow(), p.deltaHigh());
        }),
        new Threshold<>("tau_high", p.tauHigh(), v -> {
          double high = Math.max(-1, Math.min(1, v));
          return with(p, Math.min(high, p.tauLow()), high, p.deltaLow(), p.deltaHigh());
        }));
  }

  /** Of layers, by variation; none where it does not count. */
  static List<Threshold<SimilarityPolicy>> ofVariation(SimilarityPolicy p) {
    ImmutableList.Builder<Threshold<SimilarityPolicy>> out = ImmutableList.builder();
    if (p.deltaLow() > 0 && p.relax() > 0) {
      out.add(new Threshold<>("delta_low", p.deltaLow(), v -> {
        double low = Math.min(v, SimilarityPolicy.NEVER);
        return with(p, p.tauLow(), p.tauHigh(), low, Math.max(low, p.deltaHigh()));
      }));
    }
    if (p.deltaHigh() < SimilarityPolicy.NEVER) {
      out.add(new Threshold<>("delta_high", p.deltaHigh(), v -> {
        double high = Math.min(v, SimilarityPolicy.NEVER);
        return with(p, p.tauLow(), p.tauHigh(), Math.min(high, p.deltaLow()), high);
      }));
    }
    return out.build();
  }

  private static SimilarityPolicy with(
      SimilarityPolicy p, double tauLow, double tauHigh, double deltaLow, double deltaHigh) {
    return new SimilarityPolicy(
        tauLow,
        tauHigh,
        p.probability(),
        p.evidence(),
        deltaLow,
        deltaHigh,
        p.relax(),
        p.window(),
        p.inARow(),
        p.seed());
  }
}
