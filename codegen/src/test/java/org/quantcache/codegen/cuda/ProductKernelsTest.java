package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.types.ScalarType;

class ProductKernelsTest {
  private static final Epilogue ALL = new Epilogue(true, Activation.GELU, true, true);
  private static final Pattern HOLE = Pattern.compile("\\$\\{(\\w+)}");

  private static GemmSpec gemm(int n, int k, WeightStorage storage) {
    return new GemmSpec(n, k, storage, new Epilogue(true, Activation.GELU, true, true));
  }

  private static IntegerGemmSpec bytes(int n, int k, int cellBits, int group, Epilogue epilogue) {
    return new IntegerGemmSpec(n, k, 8, cellBits, cellBits, group, epilogue);
  }

  private static CudaKernel product(int n, int k) {
    GemmSpec spec = new GemmSpec(n, k, WeightStorage.BF16, Epilogue.NONE);
    return ProductKernels.of(spec, List.of(BF16, BF16, BF16));
  }

  private static CudaKernel product(int n, int k, int cellBits, int group) {
    return ProductKernels.of(
        bytes(n, k, cellBits, group, Epilogue.NONE), List.of(U8, F32, I8, F32, I32, BF16));
  }

  @Test
  void namesTellKindsOfActivationsApart() {
    GemmSpec spec = gemm(128, 64, WeightStorage.BF16);
    String name = "gemm_bf16_k64_n128_bias_gelu_gate_residual";
    assertThat(ProductKernels.of(spec, List.of(F32, BF16, F32, F32, F32, F32)).name())
        .isEqualTo(name);
    assertThat(
            ProductKernels.of(spec, List.of(BF16, BF16, BF16, F32, BF16, BF16)).name())
        .isEqualTo(name + "_bf16");
    assertThat(ProductKernels.of(spec, List.of(BF16, BF16, F32, F32, F32, F32)).name())
        .isEqualTo(name + "_bf16_f32_f32_f32");
    assertThat(product(32, 64, 4, 64).name()).isEqualTo("gemm_a8_w4_cell4_k64_n32_bf16");
    assertThat(product(32, 64, 4, 32).name()).isEqualTo("gemm_a8_w4_cell4_k64_n32_group32_bf16");
  }

  @Test
  void kindOfTheOperandChoosesTheArithmetic() {
    GemmSpec spec = gemm(128, 64, WeightStorage.BF16);
    CudaKernel floats = ProductKernels.of(spec, List.of(F32, BF16, BF16, F32, BF16, F32));
    assertThat(floats.holes())
        .containsEntry("multiply", "multiply_floats")
        .containsEntry("operand", "float")
        .containsEntry("weight", "bf16")
        .containsEntry("result", "bf16")
        .containsEntry(
            "epilogue",
            "true, products::Activation::GELU, true, true, bf16, float, products::NoProbe")
        .containsEntry("pointers", ", const float* bias, const bf16* gate, const float* residual")
        .containsEntry(
            "numbers",
            ", int rows_per_sample, int rows_per_frame, int samples, int frames,"
                + " int residual_rows")
        .containsEntry(
            "arguments",
            "bias, gate, residual, rows_per_sample, rows_per_frame, samples, frames,"
                + " residual_rows, products::NoProbe{}");
    assertThat(product(128, 64).holes())
        .containsEntry("multiply", "multiply_halves")
        .containsEntry(
            "epilogue",
            "false, products::Activation::NONE, false, false, float, float, products::NoProbe")
        .containsEntry("pointers", "")
        .containsEntry("numbers", "")
        .containsEntry(
            "arguments", "nullptr, nullptr, nullptr, 0, 0, 0, 0, 0, products::NoProbe{}");
  }

  @Test
  void largeWeightsGetLargeTiles() {
    assertThat(product(1152, 4608)).satisfies(large -> {
      assertThat(large.holes())
          .containsEntry(
              "tiling",
              "OnCard<products::Tiling<128, 128, 64, 64, 3, false>, products::WarpgroupTiling<2, 3, 0, false>>")
          .containsEntry("threads", "(QC_WARPGROUPS ? 384 : 128)")
          .containsEntry("blocks", "(QC_WARPGROUPS ? 1 : 2)");
      assertThat(large.threads()).isEqualTo(128);
      assertThat(large.sharedBytes()).isEqualTo(48 << 10);
      assertThat(large.itemsPerBlock()).isEqualTo(128);
      assertThat(large.blocksPerGroup()).isEqualTo(9);
    });
    assertThat(product(512, 128)).satisfies(small -> {
      assertThat(small.threads()).isEqualTo(128);
      assertThat(small.itemsPerBlock()).isEqualTo(32);
      assertThat(small.blocksPerGroup()).isEqualTo(8);
    });
    assertThat(product(16, 1152)).satisfies(narrow -> {
      assertThat(narrow.itemsPerBlock()).isEqualTo(64);
      assertThat(narrow.blocksPerGroup()).isEqualTo(1);
    });
    assertThat(product(1000, 1152)).satisfies(ragged -> {
      assertThat(ragged.threads()).isEqualTo(256);
      assertThat(ragged.holes()).containsEntry("blocks", "(QC_WARPGROUPS ? 1 : 1)");
      assertThat(ragged.holes().get("tiling")).contains("<128, 128, 64, 32, 3, false>");
    });
    assertThat(product(1152, 1000).holes()).containsEntry("blocks", "(QC_WARPGROUPS ? 1 : 1)");
  }

  @Test
  void packedAndGroupedWeightsHaveTheirOwnTiles() {
    assertThat(product(1152, 1152, 8, 1152).holes())
        .containsEntry(
            "tiling",
            "OnCard<products::Tiling<128, 128, 64, 64, 3, false>, products::WarpgroupTiling<2, 3, 0, false>>")
        .containsEntry("weight", "s8")
        .containsEntry("weight_sum", "int");
    assertThat(product(1152, 1152, 4, 1152)).satisfies(packed -> {
      assertThat(packed.holes())
          .containsEntry(
              "tiling",
              "OnCard<products::Tiling<128, 64, 64, 32, 3, true>, products::WarpgroupTiling<1, 4, 5, false>>")
          .containsEntry("weight", "u8")
          .containsEntry("blocks", "(QC_WARPGROUPS ? 1 : 3)");
      assertThat(packed.threads()).isEqualTo(128);
      assertThat(packed.sharedBytes()).isEqualTo(30 << 10);
    });
    assertThat(product(1152, 1152, 4, 128).holes())
        .containsEntry("tiling", "Tiling<128, 64, 32, 32, 3, true>")
        .containsEntry("group", "128");
  }

  @Test
  void fewRowsGetTilesOfAsManyAsAnInstructionTakes() {
    GemmSpec halves = new GemmSpec(6912, 1152, WeightStorage.BF16, Epilogue.NONE);
    CudaKernel few = ProductKernels.of(halves, List.of(BF16, BF16, BF16), 16);
    assertThat(few.name()).isEqualTo("gemm_bf16_k1152_n6912_rows16_bf16");
    assertThat(few.holes()).containsEntry("tiling", "Tiling<16, 64, 16, 32, 8, false>");
    assertThat(few.warpgroups()).isEmpty();
    assertThat(few.itemsPerBlock()).isEqualTo(16);
    assertThat(few.blocksPerGroup()).isEqualTo(108);
    assertThat(few.sharedBytes()).isEqualTo(40 << 10);
    assertThat(ProductKernels.of(halves, List.of(BF16, BF16, BF16), 17))
        .isEqualTo(ProductKernels.of(halves, List.of(BF16, BF16, BF16)));
    CudaKernel floats = ProductKernels.of(
        new GemmSpec(6912, 1152, WeightStorage.F32, Epilogue.NONE), List.of(F32, F32, F32), 2);
    assertThat(floats.holes()).containsEntry("tiling", "FloatTiling<32, 32, 4>");
    CudaKernel packed = ProductKernels.of(
        bytes(6912, 1152, 4, 1152, Epilogue.NONE), List.of(U8, F32, I8, F32, I32, BF16), 1);
    assertThat(packed.name()).isEqualTo("gemm_a8_w4_cell4_k1152_n6912_rows16_bf16");
    assertThat(packed.holes()).containsEntry("tiling", "Tiling<16, 64, 16, 32, 8, true>");
  }

  @Test
  void everyTilingFitsSharedMemoryThatNeedsNoAsking() {
    int[] sizes = {1, 5, 16, 32, 33, 64, 65, 128, 512, 1000, 1152, 3456, 4608};
    for (int n : sizes) {
      for (int k : sizes) {
        List<CudaKernel> kernels = List.of(product(n, k), product(n, k, 8, k), product(n, k, 4, k));
        for (CudaKernel kernel : kernels) {
          assertThat(kernel.sharedBytes()).isBetween(1, 48 << 10);
          assertThat(kernel.threads() % 32).isZero();
          assertThat(kernel.blocksPerGroup()).isPositive();
        }
      }
    }
  }

  @Test
  void holesOfTheInstancesAreFilled() throws IOException {
    CudaKernel floats =
        ProductKernels.of(gemm(5, 7, WeightStorage.F16), List.of(F32, F16, F32, F32, F32, F32));
    assertThat(floats.holes().keySet()).isEqualTo(holes("gemm"));
    CudaKernel bytes = ProductKernels.of(
        bytes(5, 7, 8, 7, ALL), List.of(U8, F32, I8, F32, F32, F32, F32, F32, F32));
    assertThat(bytes.holes().keySet()).isEqualTo(holes("integer_gemm"));
  }

  private static Set<String> holes(String family) throws IOException {
    String path = "/org/quantcache/kernels/cuda/" + family + ".cu";
    try (InputStream in = ProductKernels.class.getResourceAsStream(path)) {
      Matcher matcher = HOLE.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      Set<String> names = new TreeSet<>();
      while (matcher.find()) {
        names.add(matcher.group(1));
      }
      return names;
    }
  }

  @Test
  void refusesWhatNoKernelReads() {
    refuses(gemm(8, 8, WeightStorage.F16), "a weight of f16", BF16, F16, BF16, F32, BF16, BF16);
    refuses(gemm(8, 8, WeightStorage.F32), "a weight of f32", BF16, F32, BF16, F32, BF16, BF16);
    refuses(gemm(8, 8, WeightStorage.F32), "a bias of bf16", F32, F32, F32, BF16, F32, F32);
    refuses(gemm(8, 8, WeightStorage.F32), "activations of f16", F16, F32, F32, F32, F32, F32);
    refuses(gemm(8, 8, WeightStorage.F32), "gets 3 kinds", F32, F32, F32);
    Epilogue probed = Epilogue.NONE.with(Epilogue.Probe.VALUE);
    GemmSpec floats = new GemmSpec(32, 8, WeightStorage.F32, probed);
    refuses(floats, "a probe and an operand of f32", F32, F32, F32, F32, F32);
    GemmSpec odd = new GemmSpec(33, 8, WeightStorage.BF16, probed);
    refuses(odd, "a probe and 33 columns", BF16, BF16, BF16, BF16, F32);
    assertThatThrownBy(() -> product(8, 70_000, 4, 70_000)).hasMessageContaining("32 bits");
    assertThatThrownBy(() -> product(8, 60, 4, 6)).hasMessageContaining("groups of 6");
    assertThatThrownBy(() -> product(8, 60, 4, 8)).hasMessageContaining("groups of 8");
    assertThatThrownBy(() -> product(8, 60, 2, 60)).hasMessageContaining("cells of 2 bits");
  }

  private static void refuses(GemmSpec spec, String message, ScalarType... types) {
    assertThatThrownBy(() -> ProductKernels.of(spec, List.of(types)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
