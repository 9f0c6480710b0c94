package org.quantcache.kernels.cache;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.DivergenceMetric.Gap;
import org.quantcache.ir.policy.GuardPolicy;

/**
 * One guard during one run: says at every step whether its region is computed, and learns from probes how far a
 * value has moved (method section 1). Call {@link #computes} once a step; {@link #measured} or {@link #compared} while {@link #measures} says
 * so, from each probe of a computed step behind it, or of every step in front of it, as the policy has it.
 */
public final class Guard {
  private final GuardPolicy policy;
  private final DecisionMode mode;
  private final List<Decision> replayed;
  private final int steps;
  private final List<Decision> decisions = new ArrayList<>();
  private final List<Divergence> seen = new ArrayList<>();
  private final List<Double> gradients = new ArrayList<>();
  private final History history;
  private int probe;
  private int lastComputed = -1;
  private int gap;
  private int skipped;
  private OptionalDouble divergence = OptionalDouble.empty();
  private double accumulated;
  private long interval = 1;
  private long next;

  Guard(String name, GuardPolicy policy, double reach, DecisionMode mode, int steps) {
    this.policy = policy;
    this.mode = mode;
    this.steps = steps;
    this.history = new History(reach);
    this.replayed = mode instanceof DecisionMode.Replay replay ? replay.of(name, steps) : List.of();
  }

  /** Whether the region is computed at {@code step}; steps come in order. */
  public boolean computes(int step) {
    reusedUntil(step + 1);
    settle(policy.measuresInput() ? step : lastComputed);
    probe = 0;
    boolean computed = decide(step);
    if (computed) {
      decisions.set(step, decisions.get(step).asComputed());
      skipped = step - lastComputed;
      gap = policy.metric().gap() == Gap.ACTUAL ? step - lastComputed : (int) interval;
      lastComputed = step;
      history.computed(step);
      next = step + (policy.measures() ? 1 : policy.interval(Double.NaN));
      accumulated = 0;
    }
    return computed;
  }

  private boolean decide(int step) {
    if (mode instanceof DecisionMode.Always) {
      return true;
    }
    if (mode instanceof DecisionMode.Replay) {
      return replayed.get(step).computed();
    }
    return policy.always(step, steps) || step >= next;
  }

  /**
   * At a step that reuses: the weights of the last {@code length} computed values, newest first.
   *
   * @param length tensors of history that the guard keeps
   */
  public float[] weights(int step, int length) {
    List<Float> planned = replayed.isEmpty() ? List.of() : replayed.get(step).weights();
    if (planned.size() != length) {
      return history.weights(step, length);
    }
    float[] out = new float[length];
    for (int i = 0; i < length; i++) {
      out[i] = planned.get(i);
    }
    return out;
  }

  /**
   * Bits of activations at the step that is being computed: by the divergence that is known last, or those of the run
   * that is replayed.
   */
  public int bits(BitsPolicy levels) {
    int known = replayed.isEmpty() ? 0 : replayed.get(lastComputed).bits();
    int bits = known > 0 ? known : levels.bits(lastComputed, steps, divergence, skipped);
    decisions.set(lastComputed, decisions.get(lastComputed).withBits(bits));
    return bits;
  }

  /** Whether probes have to run: decisions that are replayed need none. */
  public boolean measures() {
    return policy.measures() && !(mode instanceof DecisionMode.Replay);
  }

  /** A probe saw these row sums, {@code [rows, 4]}, of a value of so many elements. */
  public void measured(FloatBuffer rows, long elements) {
    measured(Change.of(rows, elements));
  }

  /** The same from a product with a probe of its own: sums {@code [tiles, 5]} as it states them. */
  public void compared(FloatBuffer tiles, long elements) {
    measured(Change.ofProduct(tiles, elements));
  }

  private void measured(Change change) {
    double gradientBefore = probe < gradients.size() ? gradients.get(probe) : Double.NaN;
    if (change.known()) {
      // What is added up is the change from one time to the next, however long that took.
      seen.add(
          Divergence.of(policy.metric(), change, gradientBefore, policy.measuresInput() ? 1 : gap));
    }
    if (probe < gradients.size()) {
      gradients.set(probe, change.gradient());
    } else {
      gradients.add(change.gradient());
    }
    probe++;
  }

  /** Takes the mean of the probes of {@code step} into account. */
  private void settle(int step) {
    if (seen.isEmpty()) {
      return;
    }
    double mean = seen.stream().mapToDouble(Divergence::value).sum() / seen.size();
    boolean noise = seen.stream().anyMatch(Divergence::noiseDominated);
    seen.clear();
    accumulated = policy.accumulated(accumulated, mean);
    interval = policy.interval(accumulated);
    next = step + interval;
    divergence = OptionalDouble.of(mean);
    decisions.set(step, decisions.get(step).measured(mean, noise));
  }

  /** A guard within a region that was reused was not asked. */
  private void reusedUntil(int step) {
    while (decisions.size() < step) {
      decisions.add(Decision.unmeasured(decisions.size(), false));
    }
  }

  /** Decisions of all steps. */
  List<Decision> decisions() {
    settle(lastComputed);
    reusedUntil(steps);
    return decisions;
  }
}
