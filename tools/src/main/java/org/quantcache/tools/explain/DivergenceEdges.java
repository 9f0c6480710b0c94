package org.quantcache.tools.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.kernels.cache.GuardInputs;

/** Divergences at which a decision may change. */
final class DivergenceEdges {
  private static final double LEAST = 1e-9;
  private static final double MOST = 1e3;
  private static final double RATIO = 1.01;
  private static final int HALVINGS = 200;

  private DivergenceEdges() {}

  /** The bounds of a codebook; for a policy that rescales, what a search over all magnitudes finds. */
  static List<Double> of(GuardPolicy policy, GuardInputs inputs) {
    if (policy instanceof CodebookPolicy codebook) {
      return codebook.intervals().bounds();
    }
    return search(d -> inputs.withDivergence(d).computes(policy));
  }

  private static List<Double> search(DoublePredicate decision) {
    List<Double> out = new ArrayList<>();
    double low = 0;
    for (double high = LEAST; high < MOST; high *= RATIO) {
      if (decision.test(low) != decision.test(high)) {
        out.add(halve(low, high, decision));
      }
      low = high;
    }
    return out;
  }

  /** The largest value that decides as {@code low} does, to the last bit. */
  private static double halve(double from, double to, DoublePredicate decision) {
    double low = from;
    double high = to;
    for (int i = 0; i < HALVINGS && Math.nextUp(low) < high; i++) {
      double middle = low + (high - low) / 2;
      if (decision.test(middle) == decision.test(low)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
