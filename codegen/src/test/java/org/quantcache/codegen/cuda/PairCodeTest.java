package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.kernels.artifact.ArtifactLayout;

/** Machine code of products of 4 by 4 bits, for cards that have them and cards that do not. */
class PairCodeTest {
  /** Lowest twelve bits of SASS of a product of a warp, whatever the bits of its numbers. */
  private static final int IMMA = 0x237;

  /** The same of a warpgroup. */
  private static final int IGMMA = 0x9f1;

  /** Products in which a warp multiplies 128 channels of 64 rows and 64 columns, in pieces of 16 x 8 x 64. */
  private static final int PRODUCTS = 2 * (64 / 16) * (64 / 8);

  @TempDir
  private Path folder;

  @Test
  void tensorCoresOfTheOldestCardsTakeTwiceAsMuch() {
    Optional<Nvcc> nvcc = Nvcc.find(System.getenv());
    assumeTrue(nvcc.isPresent(), "no nvcc on this machine: nothing is compiled for cards");
    CudaKernel kernel = ProductKernels.of(
        new IntegerGemmSpec(
            1152, 4608, 4, 4, 4, 4, 4608, new Epilogue(true, Activation.NONE, true, true)),
        List.of(U8, F32, I8, F32, I32, BF16, F32, BF16, BF16));
    CudaBackend.Output output = new CudaBackend(
            CudaTarget.of(List.of("sm_80", "sm_89", "sm_90a", "sm_120a")),
            () -> new CachedCompiler(nvcc.get(), new CodeCache(folder, 1 << 30)))
        .compile(List.of(kernel), (done, total) -> {});

    Map<String, Integer> expected =
        Map.of("sm_80", PRODUCTS, "sm_89", PRODUCTS, "sm_90a", 0, "sm_120a", 2 * PRODUCTS);
    expected.forEach((card, products) -> {
      byte[] code = output.images().get(ArtifactLayout.cubin(card));
      assertThat(Cubin.count(code, kernel.name(), IMMA)).as(card).isEqualTo(products);
    });
    byte[] warpgroups = output.images().get(ArtifactLayout.cubin(CudaTarget.WARPGROUPS));
    assertThat(Cubin.count(warpgroups, kernel.name(), IGMMA)).isEqualTo(4);
    assertThat(new String(output.images().get(ArtifactLayout.PTX), StandardCharsets.US_ASCII))
        .contains("m16n8k32.row.col.s32.u8.s8.s32")
        .doesNotContain(".u4");
  }
}
