package org.quantcache.codegen.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.quantcache.codegen.tir.HistorySpec;
import org.quantcache.codegen.tir.HistorySpec.Action;
import org.quantcache.codegen.tir.ProbeSpec;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.policy.CodebookPolicy;
import org.quantcache.ir.policy.DivergenceMetric;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.policy.PlanPolicy;
import org.quantcache.kernels.tensor.Tensor;

/** Slots, probes, and what a guard does beside running its region. */
final class CacheEmitters {
  private CacheEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(CacheOps.SLOT, CacheEmitters::slot);
    table.put(CacheOps.PROBE, CacheEmitters::probe);
  }

  /** Field of the executor that holds the guard of this name; different names have different fields. */
  static String field(String guard) {
    StringBuilder out = new StringBuilder("guard_");
    for (char c : guard.toCharArray()) {
      boolean plain = c == '_' || (c < 128 && Character.isLetterOrDigit(c));
      out.append(plain ? String.valueOf(c) : "$" + Integer.toHexString(c));
    }
    return out.toString();
  }

  private static void slot(Operation op, Emission out) {
    String floats = out.field("FloatBuffer", "slot", out.places().floats(op.result()));
    out.statement(op, "fill(" + floats + ", 0f);");
  }

  private static void probe(Operation op, Emission out) {
    List<Long> sizes = Places.constantSizes(op, op.operand(0));
    ProbeSpec spec = new ProbeSpec(
        sizes.get(1).intValue(), sizes.get(2).intValue(), sizes.get(3).intValue());
    long rows = sizes.get(0) * sizes.get(1) * sizes.get(2);
    String guard = field(op.attributes().string("guard"));
    String sums = out.field("FloatBuffer", "sums", out.places().floats(op.result()));
    out.statement(op, "if (" + guard + ".measures()) {");
    out.launch(
        op,
        spec,
        List.of(
            out.places().address(op.operand(0)),
            out.places().address(op.operand(1)),
            out.places().address(op.operand(2)),
            out.places().address(op.result())),
        List.of(),
        Long.toString(rows));
    out.statement(op, guard + ".measured(" + sums + ", " + rows * sizes.get(3) + "L);");
    out.statement(op, "}");
  }

  /** What follows the region at a computed step. */
  static void store(Operation guard, Emission out) {
    Value yielded = guard.regions().get(0).terminator().operand(0);
    if (out.places().offset(yielded) != out.places().offset(guard.result())) {
      out.copy(
          guard,
          out.places().address(guard.result()),
          out.places().address(yielded),
          Places.byteCount(guard.result().type()));
    }
    out.statement(guard, "run(" + history(guard, out, Action.REMEMBER) + ");");
  }

  /** What a step does that reuses. */
  static void foretell(Operation guard, Emission out) {
    int length = guard.operandCount() - 2;
    String launch = history(guard, out, Action.FORETELL);
    String name = field(guard.attributes().string("name"));
    out.statement(
        guard,
        "reals(" + launch + ", " + (3 + length) + ", " + name + ".weights(step, " + length + "));");
    out.statement(guard, "run(" + launch + ");");
  }

  private static String history(Operation guard, Emission out, Action action) {
    int length = guard.operandCount() - 2;
    List<Long> sizes = Places.constantSizes(guard, guard.result());
    long channels = sizes.get(sizes.size() - 1);
    long rows = Tensor.elements(sizes) / channels;
    long baseRows = Tensor.elements(Places.constantSizes(guard, guard.operand(1))) / channels;
    List<String> pointers = new ArrayList<>(List.of(out.places().address(guard.result())));
    guard
        .operands()
        .subList(1, guard.operandCount())
        .forEach(v -> pointers.add(out.places().address(v)));
    return out.bind(
        guard,
        new HistorySpec(action, length, (int) channels),
        pointers,
        List.of(Long.toString(baseRows)),
        action == Action.FORETELL ? length : 0,
        Long.toString(rows));
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
      return "new PlanPolicy(%d, List.of(%s))".formatted(plan.steps(), longs(plan.computed()));
    }
    CodebookPolicy codebook = (CodebookPolicy) policy;
    DivergenceMetric metric = codebook.metric();
    String bounds =
        codebook.bounds().stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "new CodebookPolicy(List.of(%s), List.of(%s), %d, %d, %s, %s, %s)"
        .formatted(
            bounds,
            longs(codebook.intervals()),
            codebook.warmup(),
            codebook.tail(),
            codebook.from(),
            codebook.until(),
            "new DivergenceMetric(DivergenceMetric.Norm.%s, DivergenceMetric.Gap.%s, DivergenceMetric.Motion.%s, %s, %s)"
                .formatted(
                    metric.norm(),
                    metric.gap(),
                    metric.motion(),
                    metric.motionMean(),
                    metric.noiseFloor()));
  }

  private static String longs(List<Long> values) {
    return values.stream().map(n -> n + "L").collect(Collectors.joining(", "));
  }
}
