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
    Attributes attributes = op.attributes();
    boolean hasBase = op.operandCount() > 2;
    long channels = op.operand(0).type().size(-1);
    List<Value> pointers = new ArrayList<>(op.operands());
    pointers.add(op.result());
    String sums = out.measurement(op.result());
    boolean varies = attributes.word("measure").equals(PruneOps.VARIATION);
    String told = varies
        ? layerField(attributes)
        : "branches.evidence(" + JavaText.literal(attributes.string("kind")) + ")";
    out.when(op, told + ".measures()", () -> {
      out.launch(
          op,
          new CompareSpec((int) channels, hasBase),
          pointers,
          List.of(
              HistoryEmitters.rows(op, op.operand(0)),
              HistoryEmitters.rows(op, op.operand(hasBase ? 1 : 0))),
          HistoryEmitters.rows(op, op.operand(op.operandCount() - 1)));
      String call = varies
          ? told + ".varied(" + sums + ")"
          : "%s.compared(%d, %s, %s)"
              .formatted(told, attributes.integer("layer"), out.stepOfMeasurement(op), sums);
      out.measured(op, op.result(), sums, call);
    });
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
