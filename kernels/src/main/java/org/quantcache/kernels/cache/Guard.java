package org.quantcache.kernels.cache;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
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
  private final double reach;
  private final List<Decision> decisions = new ArrayList<>();
  private final List<Divergence> seen = new ArrayList<>();
  private final List<Double> gradients = new ArrayList<>();
  private final History history;
  private final List<Change> pending = new ArrayList<>();
  private final Map<Integer, List<Change>> probes = new LinkedHashMap<>();
  private final Set<Integer> notReached = new LinkedHashSet<>();
  private Optional<BitsPolicy> bits = Optional.empty();
  private List<Divergence> latest = List.of();
  private GuardInputs inputs;
  private int probe;
  private int lastComputed = -1;
  private int since = -1;
  private int gap;
  private int skipped;
  /** The last divergence there was, and the one that counts for the next decision. */
  private OptionalDouble divergence = OptionalDouble.empty();

  private OptionalDouble counts = OptionalDouble.empty();
  private double carried;
  private double accumulated;
  private long interval = 1;

  Guard(String name, GuardPolicy policy, double reach, DecisionMode mode, int steps) {
    this.policy = policy;
    this.mode = mode;
    this.steps = steps;
    this.reach = reach;
    this.history = new History(reach);
    this.replayed = mode instanceof DecisionMode.Replay replay ? replay.of(name, steps) : List.of();
  }

  /** Whether the region is computed at {@code step}; steps come in order. */
  public boolean computes(int step) {
    passedBy(step);
    decisions.add(Decision.unmeasured(step, false));
    settle(policy.measuresInput() ? step : lastComputed);
    probe = 0;
    inputs = new GuardInputs(step, steps, lastComputed, since, counts, carried);
    boolean computed = decide();
    if (computed) {
      decisions.set(step, decisions.get(step).asComputed());
      skipped = step - lastComputed;
      gap = policy.metric().gap() == Gap.ACTUAL ? step - lastComputed : (int) interval;
      lastComputed = step;
      history.computed(step);
      since = step;
      counts = OptionalDouble.empty();
      accumulated = 0;
    }
    return computed;
  }

  private boolean decide() {
    if (mode instanceof DecisionMode.Always) {
      return true;
    }
    if (mode instanceof DecisionMode.Replay) {
      return replayed.get(inputs.step()).computed();
    }
    return inputs.computes(policy);
  }

  /** What the last decision rested on. */
  public GuardInputs inputs() {
    return inputs;
  }

  /** D of each probe that was taken into account last. */
  public List<Divergence> latest() {
    return latest;
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
    bits = Optional.of(levels);
    int known = replayed.isEmpty() ? 0 : replayed.get(lastComputed).bits();
    int taken = known > 0 ? known : levels.bits(lastComputed, steps, divergence, skipped);
    decisions.set(lastComputed, decisions.get(lastComputed).withBits(taken));
    return taken;
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

  /** The same as one change. */
  public void measured(Change change) {
    pending.add(change);
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
    if (!pending.isEmpty()) {
      probes.put(step, List.copyOf(pending));
      pending.clear();
    }
    if (seen.isEmpty()) {
      return;
    }
    double mean = seen.stream().mapToDouble(Divergence::value).sum() / seen.size();
    boolean noise = seen.stream().anyMatch(Divergence::noiseDominated);
    latest = List.copyOf(seen);
    seen.clear();
    carried = accumulated;
    accumulated = policy.accumulated(accumulated, mean);
    interval = policy.interval(accumulated);
    since = step;
    divergence = OptionalDouble.of(mean);
    counts = divergence;
    decisions.set(step, decisions.get(step).measured(mean, noise));
  }

  /** A guard within a region that was reused was not asked. */
  private void passedBy(int step) {
    while (decisions.size() < step) {
      notReached.add(decisions.size());
      decisions.add(Decision.unmeasured(decisions.size(), false));
    }
  }

  /** Decisions of all steps. */
  List<Decision> decisions() {
    settle(lastComputed);
    passedBy(steps);
    return decisions;
  }

  /** What they rest on; after {@link #decisions}. */
  GuardBasis basis() {
    return new GuardBasis(policy, reach, bits, probes, notReached);
  }
}
