package org.quantcache.codegen.cuda;

import java.util.Map;
import org.quantcache.ir.types.ScalarType;

/**
 * Products in registers alone, by which a card's tensor cores are judged. Parameters: operands of a warp (u32[6, 32]),
 * result (one number for each thread), rounds. Work items are blocks.
 */
public final class CeilingKernels {
  /** Threads of a block. */
  public static final int THREADS = 256;

  /** Products that a warp makes in a round. */
  public static final int PRODUCTS = 8;

  private CeilingKernels() {}

  /** Products of 16 x 8 x 16 numbers of 16 bits, summed up in f32. */
  public static CudaKernel halves() {
    return kernel("ceiling_bf16", ScalarType.F32);
  }

  /** Products of 16 x 8 x 32 bytes, summed up in 32 bits. */
  public static CudaKernel bytes() {
    return kernel("ceiling_bytes", ScalarType.I32);
  }

  private static CudaKernel kernel(String name, ScalarType sum) {
    Map<String, String> holes =
        Map.of("name", name, "sum", DeviceTypes.name(sum), "threads", Integer.toString(THREADS));
    return new CudaKernel(name, "ceilings", holes, THREADS, 0, 1, 1);
  }
}
