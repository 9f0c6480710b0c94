package org.quantcache.passes.lower;

import com.google.common.collect.ImmutableSet;
import java.util.Set;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;

/** Operations that the cpu device runs. What is missing here exists only inside of a fused operation. */
public final class CpuOperations {
  private static final Set<String> SUPPORTED = ImmutableSet.of(
      StructureOps.WEIGHT_GET,
      StructureOps.CONSTANT,
      StructureOps.RETURN,
      StructureOps.LOOP,
      StructureOps.YIELD,
      StructureOps.OBSERVE,
      TensorOps.RESHAPE,
      TensorOps.PERMUTE,
      TensorOps.SLICE,
      TensorOps.CONCAT,
      TensorOps.PAD,
      TensorOps.REPEAT,
      TensorOps.ROW,
      MathOps.ADD,
      MathOps.SUB,
      MathOps.MUL,
      MathOps.SELECT,
      MathOps.COMPARE,
      MathOps.AND_NOT,
      NnOps.LAYER_NORM,
      NnOps.MODULATE,
      NnOps.GELU,
      NnOps.SILU,
      FusedOps.LINEAR,
      FusedOps.NORM_MODULATE,
      FusedOps.ATTENTION,
      FusedOps.CROSS_ATTENTION,
      FusedOps.GUIDED_STEP,
      QuantOps.ROWS,
      QuantOps.LINEAR,
      ModelOps.TIMESTEP,
      ModelOps.POSITION,
      ModelOps.ROPE_FREQUENCIES,
      ModelOps.ROPE_TABLE,
      ModelOps.TEXT_PACK,
      ModelOps.TEXT_UNPACK,
      ModelOps.TIME_GRID,
      ModelOps.STEP_SIZE,
      CacheOps.SLOT,
      CacheOps.GUARD,
      CacheOps.PROBE,
      CacheOps.BITS,
      PruneOps.BRANCH,
      PruneOps.PROBE);

  private CpuOperations() {}

  /** Whether the device has a kernel or a host routine for the operation. */
  public static boolean supports(String operation) {
    return SUPPORTED.contains(operation);
  }
}
