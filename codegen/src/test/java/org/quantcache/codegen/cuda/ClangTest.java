package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.KernelSources;

/** Code for cards out of jars alone. */
class ClangTest {
  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"f32", "narrow"})
  void everyKernelCompilesWithoutSpillsWhereNothingOfCudaIs(String activations) {
    CudaBackend.Output output = new CudaBackend(
            CudaTarget.of(PtxAssembler.CARDS),
            () -> new CachedCompiler(Clang.find().orElseThrow(), new CodeCache(folder, 1 << 30)))
        .compile(
            activations.equals("f32") ? TinyModel.plannedForCuda() : TinyModel.narrowed(),
            (done, total) -> {});
    assertThat(output.compiler())
        .hasValueSatisfying(name -> assertThat(name).matches("clang [0-9.]+, ptxas 12.0"));
    List<String> kernels =
        output.geometry().stream().map(KernelGeometry::name).distinct().sorted().toList();
    for (String card : PtxAssembler.CARDS) {
      List<ResourceUsage> usage = output.usage().get(card);
      assertThat(usage).extracting(ResourceUsage::kernel).containsExactlyElementsOf(kernels);
      assertThat(usage).allMatch(kernel -> kernel.spillBytes() == 0);
      assertThat(Cubin.architecture(output.images().get(ArtifactLayout.cubin(card))))
          .isEqualTo(Integer.parseInt(card.replaceAll("[^0-9]", "")));
    }
    assertThat(new String(output.images().get(ArtifactLayout.PTX), StandardCharsets.US_ASCII))
        .contains(".version 8.0", ".target sm_80", ".visible .entry " + kernels.get(0) + "(");
  }

  @Test
  void arithmeticThatRoundsOnceStaysApart() {
    byte[] ptx = Clang.find().orElseThrow().ptx(KernelSources.words() + """
        QC_KERNEL(32) apart(float* x) {
          x[0] = add_rn(mul_rn(x[1], x[2]), x[3]);
          x[4] = sub_rn(x[5], x[6]);
          x[7] = div_rn(x[8], x[9]);
          x[10] = root(x[11]);
        }
        """);
    assertThat(new String(ptx, StandardCharsets.US_ASCII))
        .contains("mul.rn.f32", "add.rn.f32", "div.rn.f32", "sqrt.rn.f32")
        .doesNotContain("fma");
  }

  @Test
  void aSourceThatIsNoProgramIsACodedErrorAtItsOwnLine() {
    assertThatThrownBy(() -> Clang.find()
            .orElseThrow()
            .cubin("// first\n__global__ void a() { nonsense; }", "sm_80"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0403");
          assertThat(e.getMessage()).contains("clang", "kernels.cu:2:", "nonsense");
        });
  }

  @Test
  void aCardOfALaterGenerationIsACodedErrorThatNamesTheWaysOut() {
    assertThatThrownBy(() -> Clang.find().orElseThrow().cubin("", "sm_120a"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0402");
          assertThat(e.getMessage()).contains("sm_120a", "sm_90a");
          assertThat(e.hint())
              .contains(
                  "nvcc", "CUDA_HOME", "-Dquantcache.nvrtc=", "cuda:sm_80,sm_86,sm_89,sm_90a");
        });
  }
}
