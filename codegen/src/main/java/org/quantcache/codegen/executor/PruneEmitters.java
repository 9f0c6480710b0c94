package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.tir.CompareSpec;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.ir.policy.SimilarityPolicy;
import org.quantcache.ir.policy.VisitPolicy;

/** Probes of layers, and branches. */
final class PruneEmitters {
  private PruneEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(PruneOps.PROBE, PruneEmitters::probe);
    table.put(PruneOps.MEASURED, PruneEmitters::measured);
  }

  /** Field of the executor that holds the branch. */
  static String field(Operation branch) {
    String part = branch.attributes().word("part", "");
    String layer = layerField(branch.attributes());
    return part.isEmpty() ? layer : layer + "_" + part;
  }

  /** The same for a whole layer. */
  private static String layerField(Attributes attributes) {
    return JavaText.identifier("layer_" + attributes.string("kind")) + "_"
        + attributes.integer("layer");
  }

  private static void probe(Operation op, Emission out) {
    boolean hasBase = op.operandCount() > 2;
    long channels = op.operand(0).type().size(-1);
    List<Value> pointers = new ArrayList<>(op.operands());
    pointers.add(op.result());
    String sums = out.measurement(op.result());
    out.when(op, told(op.attributes()) + ".measures()", () -> {
      out.launch(
          op,
          new CompareSpec((int) channels, hasBase),
          pointers,
          List.of(
              HistoryEmitters.rows(op, op.operand(0)),
              HistoryEmitters.rows(op, op.operand(hasBase ? 1 : 0))),
          HistoryEmitters.rows(op, op.operand(op.operandCount() - 1)));
      out.done(op);
      tell(op, op.result(), sums, out);
    });
  }

  private static void measured(Operation op, Emission out) {
    String sums = out.measurement(op.operand(0));
    out.when(op, told(op.attributes()) + ".measures()", () -> tell(op, op.operand(0), sums, out));
  }

  /** Who is told what a probe saw: the layer itself, or the evidence of its kind. */
  static String told(Attributes probe) {
    return varies(probe)
        ? layerField(probe)
        : "branches.evidence(" + JavaText.literal(probe.string("kind")) + ")";
  }

  private static boolean varies(Attributes probe) {
    return probe.word("measure").equals(PruneOps.VARIATION);
  }

  private static void tell(Operation op, Value measured, String sums, Emission out) {
    Attributes probe = op.attributes();
    String call = varies(probe)
        ? told(probe) + ".varied(" + sums + ")"
        : "%s.compared(%d, %s, %s)"
            .formatted(told(probe), probe.integer("layer"), out.stepOfMeasurement(op), sums);
    out.measured(op, measured, sums, call);
  }

  /** The statement that makes the branch at the start of a loop. */
  static String start(Operation branch, Emission out) {
    Attributes attributes = branch.attributes();
    return "%s = branches.branch(%s, %s, %d, %s, %s, %s);"
        .formatted(
            field(branch),
            JavaText.literal(PruneOps.branchName(attributes)),
            JavaText.literal(attributes.string("kind")),
            attributes.integer("layer"),
            out.field("PrunePolicy", "policy", policy(PrunePolicy.of(attributes.get("policy")))),
            branch.operandCount() - 2,
            attributes.real("reach", 1));
  }

  private static String policy(PrunePolicy policy) {
    if (policy instanceof VisitPolicy plan) {
      return "new VisitPolicy(%s)".formatted(JavaText.longs(plan.pruned()));
    }
    SimilarityPolicy rule = (SimilarityPolicy) policy;
    return "new SimilarityPolicy(%s, %s, %s, SimilarityPolicy.Evidence.%s, %s, %s, %s, %dL, %dL, %dL)"
        .formatted(
            rule.tauLow(),
            rule.tauHigh(),
            rule.probability(),
            rule.evidence(),
            rule.deltaLow(),
            rule.deltaHigh(),
            rule.relax(),
            rule.window(),
            rule.inARow(),
            rule.seed());
  }
}
