package org.quantcache.passes.lower;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.policy.DivergenceMetric.Motion;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.core.RewriteRule;

/**
 * A probe of what a product has just stored becomes part of the product:
 *
 * <pre>{@code
 *   %y = fused.linear(..., %x) <epilogue = [bias, gate, residual]>
 *   %s = prune.probe(%y, %x, %held)          becomes   %y, %s = fused.linear_probe(..., %x, %held)
 *                                                      prune.measured(%s)
 * }</pre>
 *
 * <p>The base of the probe is the residual, or there is none. Does not fire when something stands between both, when the
 * slot is larger than the result, when the device has no such product, or when the metric of the guard looks at the motion
 * between frames: a tile of a product does not see the frame before.
 */
final class FuseProbe implements RewriteRule {
  private final IrModule module;
  private final Device device;

  FuseProbe(IrModule module, Device device) {
    this.module = module;
    this.device = device;
  }

  @Override
  public boolean apply(Operation probe, Rewriter rewriter) {
    boolean ofLayer = probe.is(PruneOps.PROBE);
    if (!ofLayer && !(probe.is(CacheOps.PROBE) && seesOneFrame(probe))) {
      return false;
    }
    Optional<Operation> found = probe.operand(0).definingOperation();
    if (found.isEmpty() || !follows(probe, found.get()) || !hasBase(probe, found.get())) {
      return false;
    }
    Operation product = found.get();
    Value held = probe.operand(probe.operandCount() - 1);
    TensorType result = product.result().type();
    Optional<List<Long>> tile = device.probedTile(product);
    if (!held.type().dims().equals(result.dims()) || tile.isEmpty()) {
      return false;
    }
    Location place = Location.fused(product, probe);
    if (!rewriter.mayRewrite("ProbeFused", place)) {
      return false;
    }
    List<Value> operands = new ArrayList<>(product.operands());
    operands.add(held);
    Operation probed = rewriter
        .before(probe)
        .create(product.is(FusedOps.LINEAR) ? ProbedOps.LINEAR : ProbedOps.QUANT_LINEAR)
        .operands(operands)
        .attribute("epilogue", product.attributes().get("epilogue"))
        .attribute(
            "probed", Attribute.word(probe.operandCount() > 2 ? ProbedOps.ADDEND : ProbedOps.VALUE))
        .attribute(
            "tile",
            new Attribute.ListAttr(tile.get().stream().map(Attribute::of).toList()))
        .types(result, ProbedOps.sums(result, tile.get()))
        .at(product.location())
        .build();
    tell(probe, probed.results().get(1), rewriter);
    rewriter.replace(product, probed.results().get(0));
    rewriter.erase(probe);
    rewriter.report("ProbeFused", place, Attributes.NONE);
    return true;
  }

  /** The product is the operation in front of the probe, so that nothing reads or writes the slot between both. */
  private static boolean follows(Operation probe, Operation product) {
    List<Operation> around = probe.parent().operations();
    int at = around.indexOf(probe);
    return (product.is(FusedOps.LINEAR) || product.is(QuantOps.LINEAR))
        && at > 0
        && around.get(at - 1) == product
        && probe.result().uses().isEmpty();
  }

  private static boolean hasBase(Operation probe, Operation product) {
    if (probe.operandCount() == 2) {
      return true;
    }
    OptionalInt residual = FusedOps.epilogueOperand(product, "residual");
    return residual.isPresent() && product.operand(residual.getAsInt()) == probe.operand(1);
  }

  private boolean seesOneFrame(Operation probe) {
    String name = probe.attributes().string("guard");
    List<Operation> guards = new ArrayList<>();
    module.walk(op -> {
      if (op.is(CacheOps.GUARD) && op.attributes().string("name").equals(name)) {
        guards.add(op);
      }
    });
    return guards.stream()
        .map(guard -> GuardPolicy.of(guard.attributes().get("policy")))
        .allMatch(policy -> policy.metric().motion() == Motion.OFF);
  }

  private static void tell(Operation probe, Value sums, Rewriter rewriter) {
    boolean ofLayer = probe.is(PruneOps.PROBE);
    OpBuilder.OpSpec told = rewriter
        .before(probe)
        .create(ofLayer ? PruneOps.MEASURED : CacheOps.MEASURED)
        .operands(sums)
        .at(probe.location());
    for (String name : ofLayer ? List.of("kind", "layer", "measure") : List.of("guard")) {
      told.attribute(name, probe.attributes().get(name));
    }
    told.build();
  }
}
