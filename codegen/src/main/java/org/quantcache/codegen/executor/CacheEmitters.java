package org.quantcache.codegen.executor;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.quantcache.codegen.tir.ProbeSpec;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.policy.AccumulatePolicy;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.Levels;
import org.quantcache.ir.policy.PlanPolicy;

/** Slots, probes and guards. */
final class CacheEmitters {
  private CacheEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(CacheOps.SLOT, CacheEmitters::slot);
    table.put(CacheOps.PROBE, CacheEmitters::probe);
    table.put(CacheOps.MEASURED, CacheEmitters::measured);
    table.put(CacheOps.BITS, CacheEmitters::bits);
  }

  /** Field of the executor that holds the guard of this name; different names have different fields. */
  static String field(String guard) {
    return "guard_" + JavaText.identifier(guard);
  }

  private static void slot(Operation op, Emission out) {
    out.replayable(op, "zero(" + out.places().extent(op.result()) + ");");
  }

  private static void probe(Operation op, Emission out) {
    List<Long> sizes = Places.constantSizes(op, op.operand(0));
    ProbeSpec spec = new ProbeSpec(
        sizes.get(1).intValue(),
        sizes.get(2).intValue(),
        sizes.get(3).intValue(),
        op.operandCount() > 2);
    long rows = sizes.get(0) * sizes.get(1) * sizes.get(2);
    String guard = field(op.attributes().string("guard"));
    String sums = out.measurement(op.result());
    List<Value> pointers =
        Stream.concat(op.operands().stream(), op.results().stream()).toList();
    out.when(op, guard + ".measures()", () -> {
      out.launch(op, spec, pointers, List.of(), Long.toString(rows));
      out.done(op);
      String call = guard + ".measured(" + sums + ", " + rows * sizes.get(3) + "L)";
      out.measured(op, op.result(), sums, call);
    });
  }

  private static void measured(Operation op, Emission out) {
    Value measured = op.operand(0);
    Value probed = measured.definingOperation().orElseThrow().results().get(0);
    long elements = Places.constantSizes(op, probed).stream().reduce(1L, Math::multiplyExact);
    String guard = field(op.attributes().string("guard"));
    String sums = out.measurement(measured);
    out.when(op, guard + ".measures()", () -> {
      String call = guard + ".compared(" + sums + ", " + elements + "L)";
      out.measured(op, measured, sums, call);
    });
  }

  private static void bits(Operation op, Emission out) {
    BitsPolicy policy = BitsPolicy.of(op.attributes().get("policy"));
    String levels = out.field(
        "BitsPolicy",
        "bits",
        "new BitsPolicy(%s, %d, %d, %d)"
            .formatted(
                levels(policy.levels()), policy.first(), policy.last(), policy.boostAfter()));
    String taken = out.field("IntBuffer", "taken", out.places().ints(op.result()));
    String guard = field(op.attributes().string("guard"));
    out.statement(op, taken + ".put(0, " + guard + ".bits(" + levels + "));");
    out.send(op, op.result());
  }

  private static String levels(Levels levels) {
    return "new Levels(%s, %s)"
        .formatted(JavaText.reals(levels.bounds()), JavaText.longs(levels.values()));
  }

  /** The statement that makes the guard at the start of a loop. */
  static String start(Operation guard, Emission out) {
    String name = guard.attributes().string("name");
    String policy = out.field(
        "GuardPolicy", "policy", policy(GuardPolicy.of(guard.attributes().get("policy"))));
    return field(name) + " = guards.guard(" + JavaText.literal(name) + ", " + policy + ", "
        + guard.attributes().real("reach", 1) + ");";
  }

  private static String policy(GuardPolicy policy) {
    if (policy instanceof PlanPolicy plan) {
      return "new PlanPolicy(%d, %s)".formatted(plan.steps(), JavaText.longs(plan.computed()));
    }
    if (policy instanceof AccumulatePolicy sum) {
      return "new AccumulatePolicy(%s, %s, %s, %s)"
          .formatted(
              sum.threshold(),
              JavaText.reals(sum.rescale()),
              always(sum.always()),
              metric(sum.metric()));
    }
    CodebookPolicy codebook = (CodebookPolicy) policy;
    return "new CodebookPolicy(%s, %s, %s)"
        .formatted(
            levels(codebook.intervals()), always(codebook.always()), metric(codebook.metric()));
  }

  private static String always(AlwaysComputed steps) {
    return "new AlwaysComputed(%d, %d, %s, %s)"
        .formatted(steps.warmup(), steps.tail(), steps.from(), steps.until());
  }

  private static String metric(DivergenceMetric metric) {
    return "new DivergenceMetric(DivergenceMetric.Norm.%s, DivergenceMetric.Gap.%s, DivergenceMetric.Motion.%s, %s, %s)"
        .formatted(
            metric.norm(), metric.gap(), metric.motion(), metric.motionMean(), metric.noiseFloor());
  }
}
