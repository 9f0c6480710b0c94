package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.LatentOps;

/** The two ends of a step. */
final class LatentEmitters {
  private LatentEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(LatentOps.PATCH_EMBED, LatentEmitters::patchEmbed);
    table.put(LatentOps.FINAL_STEP, LatentEmitters::finalStep);
  }

  private static PatchGrid grid(Operation op, Value latent) {
    List<Long> sizes = Places.constantSizes(op, latent);
    return new PatchGrid(sizes.subList(1, sizes.size()), op.attributes().longs("patch"));
  }

  private static void patchEmbed(Operation op, Emission out) {
    PatchGrid grid = grid(op, op.operand(0));
    out.launch(
        op,
        new PatchEmbedForm(grid, (int) op.result().type().size(-1)),
        pointers(op),
        List.of(),
        Long.toString(op.operand(0).type().size(0) * grid.tokens()));
  }

  private static void finalStep(Operation op, Emission out) {
    Value latent = op.operand(LatentOps.LATENT);
    PatchGrid grid = grid(op, latent);
    long columns = op.operand(3).type().size(0);
    long outputs = columns / (grid.elements() / grid.latent().get(0));
    out.launch(
        op,
        new FinalStepForm(
            grid,
            (int) op.operand(0).type().size(-1),
            (int) outputs,
            op.attributes().real("epsilon")),
        pointers(op),
        KernelEmitters.modulationGroups(op).stream().map(n -> Long.toString(n)).toList(),
        Long.toString(latent.type().size(0) * grid.tokens()));
  }

  /** The operands, then the result. */
  private static List<Value> pointers(Operation op) {
    List<Value> out = new ArrayList<>(op.operands());
    out.add(op.result());
    return out;
  }
}
