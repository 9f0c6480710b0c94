package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.codegen.executor.FinalStepForm;
import org.quantcache.codegen.executor.KeyedAttentionForm;
import org.quantcache.codegen.executor.KeysForm;
import org.quantcache.codegen.executor.PatchEmbedForm;
import org.quantcache.codegen.executor.PatchGrid;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.KernelSources;

/** Code for cards, none of which needs to be there. */
@Tag("numerics")
class CudaBackendTest {
  @TempDir
  private Path folder;

  private static Nvcc nvcc() {
    Optional<Nvcc> nvcc = Nvcc.find(System.getenv());
    assumeTrue(nvcc.isPresent(), "no nvcc on this machine: nothing is compiled for cards");
    return nvcc.get();
  }

  private static IrModule model(String programs) {
    return switch (programs) {
      case "f32" -> TinyModel.plannedForCuda();
      case "narrow" -> TinyModel.narrowed();
      case "attention" -> TinyModel.attention(false);
      default -> TinyModel.attention(true);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "narrow", "attention", "narrow attention"})
  void everyKernelCompilesForEveryCardWithoutSpills(String activations) {
    Nvcc nvcc = nvcc();
    List<String> progress = new ArrayList<>();
    CudaBackend.Output output = new CudaBackend(
            CudaTarget.of(List.of()), () -> new CachedCompiler(nvcc, CodeCache.ofUser()))
        .compile(model(activations), (done, total) -> progress.add(done + "/" + total));
    assertThat(progress).containsExactly("1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "7/7");
    assertThat(output.compiler())
        .hasValueSatisfying(name -> assertThat(name).matches("nvcc [0-9.]+"));
    assertThat(output.usage().keySet()).containsExactlyElementsOf(CudaTarget.ARCHITECTURES);
    List<String> kernels =
        output.geometry().stream().map(KernelGeometry::name).distinct().sorted().toList();
    assertThat(kernels).hasSizeGreaterThan(20);
    output.usage().forEach((card, usage) -> {
      assertThat(usage).extracting(ResourceUsage::kernel).containsExactlyElementsOf(kernels);
      assertThat(usage).allSatisfy(kernel -> {
        assertThat(kernel.registers()).isBetween(1, 255);
        assertThat(kernel.spillBytes()).isZero();
      });
      assertThat(Cubin.architecture(output.images().get(ArtifactLayout.cubin(card))))
          .isEqualTo(Integer.parseInt(card.replaceAll("[^0-9]", "")));
      System.out.printf(
          "%s, %s: %d kernels, at most %d registers, %d bytes spilled%n",
          activations,
          card,
          usage.size(),
          usage.stream().mapToInt(ResourceUsage::registers).max().orElseThrow(),
          usage.stream().mapToInt(ResourceUsage::spillBytes).sum());
    });
    assertThat(new String(output.images().get(ArtifactLayout.PTX), StandardCharsets.US_ASCII))
        .contains(".target sm_80", ".visible .entry " + kernels.get(0) + "(");
  }

  /** Attention over 480p frames, both ends of a step, products that measure, as the published model has them. */
  @Test
  void kernelsOfThePublishedModelCompileForEveryCardWithoutSpills() {
    SelfAttentionSpec attention = new SelfAttentionSpec(16, 72, 1590, true, false, 0.1178511, 1e-6);
    PatchGrid grid = new PatchGrid(List.of(4L, 15L, 60L, 106L), List.of(1L, 2L, 2L));
    Epilogue probed = new Epilogue(true, Activation.NONE, true, true).with(Probe.ADDEND);
    List<CudaKernel> kernels = List.of(
        ProductKernels.of(
            new GemmSpec(1152, 4608, WeightStorage.BF16, probed),
            List.of(BF16, BF16, BF16, F32, BF16, BF16, BF16, F32)),
        ProductKernels.of(
            new IntegerGemmSpec(1152, 4608, 8, 8, 8, probed),
            List.of(U8, F32, I8, F32, I32, BF16, F32, BF16, BF16, BF16, F32)),
        ProductKernels.of(
            new IntegerGemmSpec(1152, 4608, 8, 4, 4, probed),
            List.of(U8, F32, I8, F32, I32, BF16, F32, BF16, BF16, BF16, F32)),
        ProductKernels.of(
            new IntegerGemmSpec(
                1152, 1152, 6, 4, 4, new Epilogue(true, Activation.NONE, false, true)),
            List.of(U8, F32, I8, F32, I32, BF16, F32, BF16)),
        ProductKernels.of(
            new IntegerGemmSpec(1152, 1152, 8, 8, 8, 8, 128, probed),
            List.of(U8, F32, I8, F32, I32, BF16, F32, BF16, BF16, BF16, F32)),
        ProductKernels.of(
            new IntegerGemmSpec(1152, 4608, 8, 8, 4, 4, 128, probed),
            List.of(U8, F32, I8, F32, I32, BF16, F32, BF16, BF16, BF16, F32)),
        AttentionKernels.of(
            new KeysForm(16, 72, 1590, true, false, 1e-6, false), List.of(BF16, BF16, F32)),
        AttentionKernels.of(
            new KeysForm(16, 72, 1590, true, false, 1e-6, true), List.of(BF16, I8, F32, F32)),
        AttentionKernels.of(
            new KeyedAttentionForm(attention, false), List.of(BF16, BF16, F32, BF16)),
        AttentionKernels.of(
            new KeyedAttentionForm(attention, true), List.of(BF16, BF16, F32, I8, F32)),
        LatentKernels.of(new PatchEmbedForm(grid, 1152), List.of(F32, F32, F32, F32, BF16)),
        LatentKernels.of(
            new FinalStepForm(grid, 1152, 4, 1e-6),
            List.of(BF16, BF16, BF16, F32, F32, F32, F32, F32, F32)),
        LatentKernels.of(
            new FinalStepForm(grid, 1152, 8, 1e-6),
            List.of(F32, F32, F32, F32, F32, F32, F32, F32, F32)));
    CachedCompiler compiler = new CachedCompiler(nvcc(), CodeCache.ofUser());
    String source = KernelSources.words() + CudaSource.of(kernels, Map.of());
    // Scores of bytes are products of bytes, nothing else is.
    String[] entries =
        new String(compiler.ptx(source), StandardCharsets.US_ASCII).split("[.]entry ");
    assertThat(entries).hasSize(1 + kernels.size());
    for (int i = 1; i < entries.length; i++) {
      assertThat(entries[i].contains("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32"))
          .as(entries[i].substring(0, entries[i].indexOf('(')))
          .isEqualTo(entries[i].startsWith("byte_self_attention"));
    }
    for (String card : CudaTarget.ARCHITECTURES) {
      List<ResourceUsage> usage = compiler.cubin(source, card).usage();
      assertThat(usage).hasSameSizeAs(kernels);
      assertThat(usage).allSatisfy(kernel -> assertThat(kernel.spillBytes()).isZero());
      usage.forEach(kernel ->
          System.out.printf("%s, %s: %d registers%n", card, kernel.kernel(), kernel.registers()));
    }
  }

  @Test
  void theSecondTimeNothingIsCompiled() {
    Nvcc nvcc = nvcc();
    Supplier<CachedCompiler> compilers =
        () -> new CachedCompiler(nvcc, new CodeCache(folder, 1 << 30));
    CudaBackend backend = new CudaBackend(CudaTarget.of(List.of("sm_80")), compilers);
    CudaBackend.Output first = backend.compile(TinyModel.plannedForCuda(), (done, total) -> {});
    CudaBackend.Output second = backend.compile(TinyModel.plannedForCuda(), (done, total) -> {});
    assertThat(List.of(first.cached(), second.cached())).containsExactly(0, 2);
    assertThat(second.usage()).isEqualTo(first.usage());
    assertThat(second.images().keySet()).isEqualTo(first.images().keySet());
    first
        .images()
        .forEach((entry, code) -> assertThat(second.images().get(entry)).isEqualTo(code));
  }

  @Test
  void nothingIsAskedOfACompilerWithoutCards() {
    CudaBackend.Output output = new CudaBackend(CudaTarget.of(List.of(CudaTarget.EMULATED)), () -> {
          throw new IllegalStateException("no card, no compiler");
        })
        .compile(TinyModel.plannedForCuda(), (done, total) -> {});
    assertThat(output.images()).containsOnlyKeys(ArtifactLayout.cubin(CudaTarget.EMULATED));
    assertThat(output.compiler()).isEmpty();
  }

  @Test
  void anArchitectureThatIsNotKnownIsACodedError() {
    assertThatThrownBy(() -> CudaTarget.of(List.of("sm_80", "sm_99")))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0401");
          assertThat(e.hint()).contains("sm_89");
        });
    assertThatThrownBy(() -> nvcc().cubin(KernelSources.words(), "sm_10"))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CG0403"));
  }

  @Test
  void noCompilerIsACodedErrorThatNamesTheWaysOut() {
    assertThatThrownBy(() -> CudaCompilers.require(Optional.empty()))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0402");
          assertThat(e.hint()).contains("nvcc on the path", "CUDA_HOME", "-Dquantcache.nvrtc=");
        });
  }

  /** The backend over a compiler that sees another source than it should. */
  private CudaBackend backend(String added) {
    Nvcc nvcc = nvcc();
    CudaCompiler changed = new CudaCompiler() {
      @Override
      public String version() {
        return nvcc.version();
      }

      @Override
      public String identity() {
        return nvcc.identity();
      }

      @Override
      public boolean knowsWarpgroups() {
        return nvcc.knowsWarpgroups();
      }

      @Override
      public Compiled cubin(String source, String architecture) {
        return nvcc.cubin(KernelSources.words() + added, architecture);
      }

      @Override
      public byte[] ptx(String source) {
        return nvcc.ptx(KernelSources.words() + added);
      }
    };
    return new CudaBackend(
        CudaTarget.of(List.of("sm_80", "sm_90a")),
        () -> new CachedCompiler(changed, new CodeCache(folder, 1 << 30)));
  }

  @Test
  void aSourceThatIsNoProgramIsACodedErrorWithTheFirstMessage() {
    CudaBackend backend = backend("QC_KERNEL(32) broken() { nonsense; }\n");
    assertThatThrownBy(() -> backend.compile(TinyModel.plannedForCuda(), (done, total) -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0403");
          assertThat(e.getMessage()).contains("nvcc", "nonsense").doesNotContain("\n");
        });
  }

  @Test
  void aKernelWhoseRegistersDoNotSufficeIsACodedError() {
    // 64 registers a thread are all that 1024 threads leave.
    CudaBackend backend = backend("""
        QC_KERNEL(1024) hungry(float* data, int n) {
          float held[128];
        #pragma unroll
          for (int i = 0; i < 128; i++) held[i] = data[i * n + threadIdx.x];
          sync_block();
          for (int round = 0; round < n; round++) {
        #pragma unroll
            for (int i = 0; i < 128; i++) held[i] = fma_rn(held[i], held[(i * 37 + 11) & 127], data[round]);
          }
        #pragma unroll
          for (int i = 0; i < 128; i++) data[i * n + threadIdx.x] = held[i];
        }
        """);
    assertThatThrownBy(() -> backend.compile(TinyModel.plannedForCuda(), (done, total) -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0404");
          assertThat(e.getMessage()).contains("hungry").containsPattern("sm_(80|90a)");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "narrow", "attention", "narrow attention"})
  @Tag("slow")
  void theAssemblerInsideOfJCudaTakesTheKernelsAsWell(String activations) {
    CudaKernels kernels = new CudaKernels();
    Executors.of(model(activations), kernels);
    CachedCompiler compiler = new CachedCompiler(nvcc(), CodeCache.ofUser());
    byte[] ptx = compiler.ptx(KernelSources.words() + kernels.source());
    for (String card : List.of("sm_80", "sm_86", "sm_89", "sm_90a")) {
      CudaCompiler.Compiled compiled = PtxAssembler.cubin(ptx, card);
      assertThat(compiled.usage())
          .extracting(ResourceUsage::kernel)
          .containsExactlyElementsOf(
              kernels.kernels().stream().map(CudaKernel::name).toList());
      assertThat(compiled.usage()).allSatisfy(kernel -> {
        assertThat(kernel.registers()).isBetween(1, 255);
        assertThat(kernel.spillBytes()).isZero();
      });
      assertThat(Cubin.architecture(compiled.code()))
          .isEqualTo(Integer.parseInt(card.replaceAll("[^0-9]", "")));
    }
  }
}
