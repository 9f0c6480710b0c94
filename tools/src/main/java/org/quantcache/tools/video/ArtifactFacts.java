package org.quantcache.tools.video;

import java.util.OptionalDouble;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.tools.pipeline.Programs;

/**
 * What the program of an artifact takes, counted in its IR.
 *
 * @param weightBytes weights of the linears in the blocks, with what is stored to undo their rounding
 * @param weightBits mean bits of one of these weights
 * @param settledBits share of the mean bits of what is multiplied with one of them that no step changes
 * @param stepShare part of these products whose bits follow the step
 * @param mostStepBits most bits of those
 * @param cacheBytes slots that live over the steps
 * @param arenaBytes all values of a run, slots included
 */
public record ArtifactFacts(
    long weightBytes,
    double weightBits,
    double settledBits,
    double stepShare,
    double mostStepBits,
    long cacheBytes,
    long arenaBytes) {
  private static final int FLOAT_BITS = 32;
  private static final String BALANCE = ".weight#";

  /** Counts. */
  public static ArtifactFacts of(ArtifactReader artifact) {
    IrModule module = Programs.module(artifact);
    long[] weights = new long[2];
    long[] cache = new long[1];
    for (Operation global : module.globals()) {
      Attributes definition = global.attributes();
      if (isBlockWeight(global)) {
        // Scales, sums and balances are stored for the weights, so their bits are the weights'
        // bits.
        TensorType type = definition.type("type");
        weights[0] += type.bytes(module::bound);
        if (!definition.has("part") && type.rank() == 2) {
          weights[1] += type.elements().evaluate(module::bound);
        }
      }
    }
    Products products = new Products();
    module.walk(op -> {
      products.add(op, module);
      if (op.is(CacheOps.SLOT)) {
        cache[0] += op.result().type().bytes(module::bound);
      }
    });
    long arena = module.functions().stream()
        .map(Function::attributes)
        .mapToLong(a -> a.integer("arena_bytes"))
        .sum();
    return new ArtifactFacts(
        weights[0],
        8.0 * weights[0] / weights[1],
        products.settled / products.work,
        products.byStep / products.work,
        products.most,
        cache[0],
        arena);
  }

  /**
   * Mean bits of what is multiplied with a weight of the blocks.
   *
   * @param stepBits mean bits where they follow the step; the most when they are not known
   */
  public double activationBits(OptionalDouble stepBits) {
    return settledBits + stepShare * stepBits.orElse(mostStepBits);
  }

  /** Products of the blocks, weighted by their work. */
  private static final class Products {
    private double work;
    private double settled;
    private double byStep;
    private double most;

    void add(Operation op, IrModule module) {
      boolean quantized = QuantOps.isLinear(op);
      boolean block = (quantized || FusedOps.isLinear(op))
          && op.location().paths().stream().anyMatch(path -> path.contains("_blocks."));
      if (!block) {
        return;
      }
      double size =
          op.operand(quantized ? QuantOps.WEIGHT : 1).type().elements().evaluate(module::bound);
      double bits =
          op.operand(0).type().element() instanceof QuantType type ? type.rangeBits() : FLOAT_BITS;
      work += size;
      if (op.operand(0)
          .definingOperation()
          .filter(rows -> rows.attributes().flag("dynamic"))
          .isPresent()) {
        byStep += size;
        most = Math.max(most, bits);
      } else {
        settled += size * bits;
      }
    }
  }

  private static boolean isBlockWeight(Operation global) {
    if (!global.is(StructureOps.WEIGHT_DEF)) {
      return false;
    }
    Attributes definition = global.attributes();
    String key = definition.string("key");
    boolean matrix = definition.has("part") || definition.type("type").rank() == 2;
    return key.contains("_blocks.")
        && (key.contains(BALANCE) || (matrix && key.endsWith(".weight")));
  }
}
