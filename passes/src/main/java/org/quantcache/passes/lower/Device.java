package org.quantcache.passes.lower;

import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.MathOps;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.ops.TensorOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

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
      QuantOps.EXTREMES,
      QuantOps.GRID,
      QuantOps.ROUND,
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
      CacheOps.MEASURED,
      PruneOps.BRANCH,
      PruneOps.PROBE,
      PruneOps.MEASURED,
      ProbedOps.LINEAR,
      ProbedOps.QUANT_LINEAR);

  /** Rows and columns of a result that a warp of the cuda device holds in registers at once, as {@code epilogue.cuh} has it. */
  private static final List<Long> CUDA_TILE = List.of(8L, 32L);

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

  /**
   * Rows and columns of the tiles over which a product of this device can measure what it stores, empty when it cannot:
   * the cpu device has a whole row at hand, the cuda device a tile of its tensor cores.
   */
  Optional<List<Long>> probedTile(Operation product) {
    TensorType result = product.results().get(0).type();
    boolean onTensorCores = !product.operand(0).type().element().equals(ScalarType.F32);
    List<Long> tile = this == CPU ? List.of(1L, result.size(-1)) : CUDA_TILE;
    return (this == CPU || onTensorCores) && ProbedOps.fits(result, tile)
        ? Optional.of(tile)
        : Optional.empty();
  }

  /** Whether the device has a kernel or a host routine for the operation. */
  public boolean supports(String operation) {
    return BOTH.contains(operation) || (this == CUDA && CUDA_ALONE.contains(operation));
  }
}
