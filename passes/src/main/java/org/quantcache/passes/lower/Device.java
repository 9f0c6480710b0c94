package org.quantcache.passes.lower;

import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import java.util.Set;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;

/** Devices that run compiled programs, and what they run. What is missing here exists only inside of a fused operation. */
public enum Device {
  /** Machine code through LLVM. */
  CPU,
  /** CUDA C++ through nvcc; activations may have 16 bits. */
  CUDA;

  private static final Set<String> BOTH = ImmutableSet.of(
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

  /**
   * On the cpu a step begins and ends with the products that all layers have, for what lies between them stays in its caches;
   * attention treats all queries of a head together, and so makes its keys once.
   */
  private static final Set<String> CUDA_ALONE = ImmutableSet.of(
      TensorOps.CAST,
      AttentionOps.KEYS,
      AttentionOps.BYTE_KEYS,
      AttentionOps.KEYED_ATTENTION,
      LatentOps.PATCH_EMBED,
      LatentOps.FINAL_STEP);

  /** As options and messages spell it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the device has a kernel or a host routine for the operation. */
  public boolean supports(String operation) {
    return BOTH.contains(operation) || (this == CUDA && CUDA_ALONE.contains(operation));
  }
}
