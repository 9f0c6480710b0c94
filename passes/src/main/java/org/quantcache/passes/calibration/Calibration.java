package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a few runs taught about a model.
 *
 * @param model fingerprint of the checkpoint that it was made for
 * @param cases what was generated
 * @param trajectory how the value of the block stack moves
 * @param plans computed steps that were tried out, for loops as long as the trajectory
 * @param prunings layers that some plans may leave out
 * @param targets pipelines that just reach what was asked for
 * @param rounding what rounding the products of the block stack costs; empty when that was not measured
 * @param divergence how the default probe of a guard moves; empty when that was not measured
 * @param noise what rounding alone changes of that probe, by grid
 */
public record Calibration(
    String model,
    List<Case> cases,
    Trajectory trajectory,
    List<MeasuredPlan> plans,
    List<MeasuredPruning> prunings,
    List<MeasuredTarget> targets,
    Optional<Rounding> rounding,
    Optional<DivergenceCurve> divergence,
    List<NoiseFloor> noise) {
  /** One calibration run. */
  public record Case(String prompt, long seed) {}

  /** One that knows nothing of layers to leave out, of targets, nor of the probe. */
  public Calibration(
      String model,
      List<Case> cases,
      Trajectory trajectory,
      List<MeasuredPlan> plans,
      Optional<Rounding> rounding) {
    this(
        model,
        cases,
        trajectory,
        plans,
        List.of(),
        List.of(),
        rounding,
        Optional.empty(),
        List.of());
  }

  /** @throws IllegalArgumentException when a plan or the divergence does not fit the trajectory */
  public Calibration {
    cases = ImmutableList.copyOf(cases);
    plans = ImmutableList.copyOf(plans);
    prunings = ImmutableList.copyOf(prunings);
    targets = ImmutableList.copyOf(targets);
    noise = ImmutableList.copyOf(noise);
    for (MeasuredPlan plan : plans) {
      if (plan.computed().get(plan.computed().size() - 1) >= trajectory.steps()) {
        throw new IllegalArgumentException(
            "plans name steps below " + trajectory.steps() + ", found " + plan.computed());
      }
    }
    int changes = trajectory.steps() - 1;
    if (divergence.isPresent() && divergence.get().changes().size() != changes) {
      throw new IllegalArgumentException("the divergence has " + changes + " changes, found "
          + divergence.get().changes().size());
    }
  }

  /** The same with a plan, in place of one as long and of the same reuse. */
  public Calibration with(MeasuredPlan plan) {
    List<MeasuredPlan> all = new ArrayList<>(plans);
    all.removeIf(p -> isFor(p, plan.computed().size(), plan.linear()));
    all.add(plan);
    return new Calibration(
        model, cases, trajectory, all, prunings, targets, rounding, divergence, noise);
  }

  /** The plan of so many computed steps that was tried out, if there is one. */
  public Optional<MeasuredPlan> measured(int computed, boolean linear) {
    return plans.stream().filter(p -> isFor(p, computed, linear)).findFirst();
  }

  /** The same with layers that a plan may leave out, in place of those known for a plan as long. */
  public Calibration with(MeasuredPruning pruning) {
    List<MeasuredPruning> all = new ArrayList<>(prunings);
    all.removeIf(p -> p.computed() == pruning.computed());
    all.add(pruning);
    return new Calibration(
        model, cases, trajectory, plans, all, targets, rounding, divergence, noise);
  }

  /** The layers that the plan of so many computed steps may leave out, if that was measured. */
  public Optional<MeasuredPruning> pruning(int computed) {
    return prunings.stream().filter(p -> p.computed() == computed).findFirst();
  }

  /** The same with a pipeline for a target, in place of one for the same target behind the same passes. */
  public Calibration with(MeasuredTarget target) {
    List<MeasuredTarget> all = new ArrayList<>(targets);
    all.removeIf(target::replaces);
    all.add(target);
    return new Calibration(
        model, cases, trajectory, plans, prunings, all, rounding, divergence, noise);
  }

  /** The best pipeline known for a target: the fastest one for a PSNR, the one of the highest PSNR for a speed-up. */
  public Optional<MeasuredTarget> reaching(Target target) {
    return targets.stream()
        .filter(found -> found.target().equals(target))
        .max(MeasuredTarget.BY_MERIT);
  }

  private static boolean isFor(MeasuredPlan plan, int computed, boolean linear) {
    return plan.computed().size() == computed && plan.linear() == linear;
  }

  /**
   * The best known steps: those that were tried out, else those of the least expected error.
   *
   * @throws org.quantcache.ir.diagnostics.UserError PA0602 for another number of steps than there are
   */
  public List<Integer> computedSteps(int computed, boolean linear) {
    return measured(computed, linear)
        .map(MeasuredPlan::computed)
        .orElseGet(() -> Planner.plan(trajectory, computed, linear).computed());
  }

  /** The same with what rounding costs. */
  public Calibration with(Rounding measured) {
    return new Calibration(
        model,
        cases,
        trajectory,
        plans,
        prunings,
        targets,
        Optional.of(measured),
        divergence,
        noise);
  }

  /** The same with how the default probe moves. */
  public Calibration with(DivergenceCurve measured) {
    return new Calibration(
        model, cases, trajectory, plans, prunings, targets, rounding, Optional.of(measured), noise);
  }

  /** The same with what rounding alone changes of that probe. */
  public Calibration withNoise(List<NoiseFloor> measured) {
    return new Calibration(
        model, cases, trajectory, plans, prunings, targets, rounding, divergence, measured);
  }

  /** The noise floor of grids like these, the nearest one of those that were measured; empty when none is near. */
  public Optional<NoiseFloor> noise(NoiseFloor.Bits bits) {
    return noise.stream()
        .filter(known -> known.bits().isNear(bits))
        .min(Comparator.comparingDouble(known -> known.bits().distance(bits)));
  }
}
