package org.quantcache.kernels.prune;

import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.LongStream;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.History;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.kernels.cache.LayerRule;

/**
 * One layer that may be left out, during one run (method section 3). Call {@link #prunes} when the layer is reached and
 * {@link #varied} from the probe of its variation.
 */
public final class Branch {
  private final String name;
  private final LayerRule rule;
  private final History history;
  private final DecisionMode mode;
  private final List<LayerDecision> replayed;
  private final int steps;
  private final Evidence evidence;
  private final List<LayerDecision> decisions = new ArrayList<>();
  private final Deque<Double> changes = new ArrayDeque<>();
  private boolean computed;
  private boolean keeps;
  private long visits;
  private long prunedInARow;

  Branch(
      String name, LayerRule rule, double reach, Evidence evidence, DecisionMode mode, int steps) {
    this.name = name;
    this.rule = rule;
    this.history = new History(reach);
    this.evidence = evidence;
    this.mode = mode;
    this.steps = steps;
    this.replayed =
        mode instanceof DecisionMode.Replay replay ? replay.ofLayer(name, steps) : List.of();
  }

  /** Whether the layer is left out at {@code step}; steps come in order. */
  public boolean prunes(int step) {
    notReachedUntil(step);
    OptionalDouble similarity = OptionalDouble.empty();
    if (rule.policy() instanceof SimilarityPolicy policy) {
      boolean sameStep = policy.evidence() == SimilarityPolicy.Evidence.SAME_STEP;
      similarity = evidence.before(rule.layer(), step, sameStep);
    }
    OptionalDouble variation = variation();
    boolean neighbour = evidence.wasPruned(rule.layer() - 1, step);
    boolean pruned = decide(
        new LayerInputs(step, visits, computed, prunedInARow, neighbour, similarity, variation));
    visits++;
    if (pruned) {
      evidence.pruned(rule.layer(), step);
      prunedInARow++;
    } else {
      prunedInARow = 0;
      computed = true;
      keeps = rule.kept() > 0 && isNeeded(step);
      if (keeps) {
        history.computed(step);
      }
    }
    decisions.add(
        new LayerDecision(step, pruned ? Outcome.PRUNED : Outcome.COMPUTED, similarity, variation));
    return pruned;
  }

  private boolean decide(LayerInputs inputs) {
    if (mode instanceof DecisionMode.Always) {
      return false;
    }
    if (mode instanceof DecisionMode.Replay) {
      return replay(inputs.step());
    }
    return LayerReason.of(rule, inputs).prunes();
  }

  private boolean replay(int step) {
    boolean pruned = replayed.get(step).pruned();
    if (pruned && rule.kept() > 0 && !computed) {
      throw UserError.of(
              "RT0110",
              "layer '%s' is left out at step %d, before it was computed once",
              name,
              step)
          .withHint("let the layer be computed at an earlier step");
    }
    return pruned;
  }

  /** Whether what the step computes may be reused: before as many as it keeps more are computed, the layer is left out. */
  private boolean isNeeded(int step) {
    if (mode instanceof DecisionMode.Always) {
      return false;
    }
    int later = 0;
    if (mode instanceof DecisionMode.Replay) {
      for (LayerDecision decision : replayed.subList(step + 1, steps)) {
        if (decision.pruned()) {
          return true;
        }
        later += decision.outcome() == Outcome.COMPUTED ? 1 : 0;
        if (later == rule.kept()) {
          return false;
        }
      }
      return false;
    }
    if (rule.policy() instanceof VisitPolicy plan) {
      return LongStream.range(visits, visits + rule.kept()).anyMatch(plan.pruned()::contains);
    }
    return true;
  }

  /** Whether the history takes in what the last step computed. */
  public boolean keeps() {
    return keeps;
  }

  /** V: the changes of the last computed steps, added up; empty until the layer was computed twice. */
  private OptionalDouble variation() {
    return changes.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(changes.stream().mapToDouble(d -> d).sum());
  }

  /**
   * At a step that leaves the layer out: the weights of what it added at the last computed steps, newest first.
   *
   * @param length tensors of history that the layer keeps
   */
  public float[] weights(int step, int length) {
    return history.weights(step, length);
  }

  /** Whether the probe of variation has to run: decisions that are replayed need none. */
  public boolean measures() {
    return !(mode instanceof DecisionMode.Replay);
  }

  /** A probe of what the layer adds saw these sums, {@code [rows or tiles, 5]}, against the last computed step. */
  public void varied(FloatBuffer rows) {
    Sums sums = Sums.of(rows);
    if (sums.held() > 0) {
      changes.addLast(sums.change());
      if (changes.size() > window()) {
        changes.removeFirst();
      }
    }
  }

  private long window() {
    return rule.policy() instanceof SimilarityPolicy policy ? policy.window() : 1;
  }

  private void notReachedUntil(int step) {
    while (decisions.size() < step) {
      decisions.add(LayerDecision.unmeasured(decisions.size(), Outcome.NOT_REACHED));
    }
  }

  LayerRule rule() {
    return rule;
  }

  /** Decisions of all steps. */
  List<LayerDecision> decisions() {
    notReachedUntil(steps);
    return decisions;
  }
}
