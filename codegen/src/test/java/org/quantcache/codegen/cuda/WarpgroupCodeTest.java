package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.KernelSources;

/** Machine code of the largest products for the card of warpgroups. */
class WarpgroupCodeTest {
  /** Lowest twelve bits of SASS: products of a warp, and of a warpgroup. */
  private static final int HMMA = 0x23c;

  private static final int IMMA = 0x237;
  private static final int HGMMA = 0x9f0;
  private static final int IGMMA = 0x9f1;
  private static final int LDGSTS = 0xfae;
  /** A copy in one piece. */
  private static final int UBLKCP = 0x3ba;
  /** What barriers in shared memory are started, arrived at and waited for by. */
  private static final int SYNCS_EXCH = 0x5b2;

  private static final int SYNCS_ARRIVE = 0x9a7;
  private static final int SYNCS_TRYWAIT = 0x5a7;

  private static final CudaKernel HALVES = ProductKernels.of(
      new GemmSpec(1152, 4608, WeightStorage.BF16, new Epilogue(true, Activation.NONE, true, true)),
      List.of(BF16, BF16, BF16, F32, BF16, BF16));
  private static final CudaKernel BYTES = ProductKernels.of(
      new IntegerGemmSpec(4608, 1152, 8, 8, 8, new Epilogue(true, Activation.GELU, false, false)),
      List.of(U8, F32, I8, F32, I32, BF16, F32));
  private static final CudaKernel PACKED = ProductKernels.of(
      new IntegerGemmSpec(1152, 4608, 8, 4, 4, new Epilogue(true, Activation.NONE, true, true)),
      List.of(U8, F32, I8, F32, I32, BF16, F32, BF16, BF16));
  private static final List<CudaKernel> KERNELS = List.of(HALVES, BYTES, PACKED);
  private static final String SOURCE = KernelSources.words() + CudaSource.of(KERNELS, Map.of());

  @TempDir
  private Path folder;

  private static Nvcc nvcc() {
    Optional<Nvcc> nvcc = Nvcc.find(System.getenv());
    assumeTrue(nvcc.isPresent(), "no nvcc on this machine: nothing is compiled for cards");
    return nvcc.get();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nvcc", "clang"})
  void warpgroupsMultiplyOnTheirCardAndWarpsOnAllOthers(String compiler) {
    CudaCompiler chosen = compiler.equals("nvcc") ? nvcc() : Clang.find().orElseThrow();
    assertThat(chosen.knowsWarpgroups()).isEqualTo(compiler.equals("nvcc"));
    CudaBackend.Output output = new CudaBackend(
            CudaTarget.of(List.of("sm_80", CudaTarget.WARPGROUPS)),
            () -> new CachedCompiler(chosen, new CodeCache(folder, 1 << 30)))
        .compile(KERNELS, (done, total) -> {});
    assertThat(output.geometry())
        .filteredOn(geometry -> geometry.card().equals(CudaTarget.WARPGROUPS))
        .extracting(KernelGeometry::name)
        .isEqualTo(
            chosen.knowsWarpgroups() ? KERNELS.stream().map(CudaKernel::name).toList() : List.of());
    for (String card : List.of("sm_80", CudaTarget.WARPGROUPS)) {
      boolean warpgroups = card.equals(CudaTarget.WARPGROUPS) && chosen.knowsWarpgroups();
      for (ResourceUsage kernel : output.usage().get(card)) {
        System.out.printf(
            "%s, %s, %s: %d registers, %d bytes spilled%n",
            compiler, card, kernel.kernel(), kernel.registers(), kernel.spillBytes());
        // So many are there for each of 384 threads, or for any thread.
        assertThat(kernel.registers()).isLessThanOrEqualTo(warpgroups ? 168 : 255);
      }
      for (KernelGeometry geometry : output.geometry()) {
        int fixed = output.usage().get(card).stream()
            .filter(usage -> usage.kernel().equals(geometry.name()))
            .mapToInt(ResourceUsage::sharedBytes)
            .sum();
        boolean ofWarpgroups = geometry.card().equals(CudaTarget.WARPGROUPS);
        assertThat(fixed + geometry.sharedBytes())
            .isLessThanOrEqualTo((ofWarpgroups ? 227 : 48) << 10);
      }
      byte[] code = output.images().get(ArtifactLayout.cubin(card));
      for (CudaKernel kernel : KERNELS) {
        int ofWarpgroups = kernel == HALVES ? HGMMA : IGMMA;
        int ofWarps = kernel == HALVES ? HMMA : IMMA;
        // A step of 128 bytes of depth is four instructions of 32 bytes, for 64 rows or twice as
        // many.
        int steps = kernel == PACKED ? 4 : 8;
        assertThat(Cubin.count(code, kernel.name(), ofWarpgroups))
            .isEqualTo(warpgroups ? steps : 0);
        assertThat(Cubin.count(code, kernel.name(), ofWarps) > 0).isEqualTo(!warpgroups);
        int copies = Cubin.count(code, kernel.name(), LDGSTS);
        if (warpgroups) {
          // In a step, a thread copies 16 bytes of 8 or 16 rows of the operand.
          assertThat(copies).isEqualTo(kernel == PACKED ? 8 : 16);
        } else {
          assertThat(copies).isPositive();
        }
        // 192 columns of the weight are three pieces; packed ones are brought before the first
        // step, too.
        assertThat(Cubin.count(code, kernel.name(), UBLKCP))
            .isEqualTo(!warpgroups ? 0 : kernel == PACKED ? 6 : 3);
        for (int barrier : new int[] {SYNCS_EXCH, SYNCS_ARRIVE, SYNCS_TRYWAIT}) {
          assertThat(Cubin.count(code, kernel.name(), barrier) > 0).isEqualTo(warpgroups);
        }
      }
    }
  }

  @Test
  void compilersBeforeCuda124MakeCodeForWarpsAlone() {
    assertThat(CudaCompiler.isWithWarpgroups("nvcc 12.3.107")).isFalse();
    assertThat(CudaCompiler.isWithWarpgroups("NVRTC 12.4")).isTrue();
    assertThat(CudaCompiler.isWithWarpgroups("nvcc 13.0.88")).isTrue();
    byte[] code = nvcc().cubin("#define QC_WARPGROUPS 0\n" + SOURCE, "sm_90a").code();
    assertThat(Cubin.count(code, HALVES.name(), HGMMA)).isZero();
    assertThat(Cubin.count(code, HALVES.name(), HMMA)).isPositive();
  }

  /** The assembler waits after each product where it cannot tell that nobody touches its sums, and says so. */
  @Test
  void productsOfWarpgroupsGoOnWhileOthersAreUnderWay() throws Exception {
    Path source = Files.writeString(folder.resolve("kernels.cu"), SOURCE);
    List<String> command = List.of(
        nvcc().toString(),
        "-std=c++17",
        "-O3",
        "-arch=" + CudaTarget.WARPGROUPS,
        "-cubin",
        "-Xptxas",
        "-v",
        "-o",
        folder.resolve("kernels.cubin").toString(),
        source.toString());
    CompilerProcess.Told told = CompilerProcess.run(folder, command, Map.of());
    assertThat(told.status()).isZero();
    assertThat(told.messages())
        .contains("Compiling entry function '" + HALVES.name())
        .doesNotContain("Potential Performance Loss", "serialized");
  }
}
