package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.tir.ElementwiseSpec.Function;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.HostCpu;

/** Every target by name: what it promises, what its code looks like. */
class CpuTargetTest {
  private static final List<Long> SIZES = List.of(3L, 64L);
  private static final List<KernelSpec> KERNELS = List.of(
      new GemmSpec(64, 48, WeightStorage.F16, new Epilogue(true, Activation.GELU, true, true)),
      new GemmSpec(64, 48, WeightStorage.BF16, Epilogue.NONE),
      new IntegerGemmSpec(64, 48, 8, 8, 8, new Epilogue(true, Activation.GELU, true, true)),
      new IntegerGemmSpec(64, 50, 6, 4, 4, Epilogue.NONE),
      new IntegerGemmSpec(64, 48, 6, 4, 4, 16, Epilogue.NONE),
      new QuantRowsSpec(48, Prologue.NORM_MODULATE, 1e-6, true, 16, 8, true, Part.ROWS),
      new QuantRowsSpec(512, Prologue.GELU, 0, false, 512, 0, false, Part.EXTREMES),
      new QuantRowsSpec(512, Prologue.GELU, 0, false, 512, 8, false, Part.ROUND),
      new GridSpec(8, true),
      new SelfAttentionSpec(2, 16, 20, true, true, 0.25, 1e-6),
      new CrossAttentionSpec(2, 16, 30, true, 0.25),
      new NormSpec(64, 1e-6, true),
      new ElementwiseSpec(Function.SILU, SIZES, List.of(SIZES)),
      new CopySpec(4, SIZES, SIZES, 0, List.of(1L, 3L), 0, List.of(64L, 1L)),
      new GuidedStepSpec());

  static Stream<String> names() {
    return CpuTarget.names().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  @Tag("slow")
  void everyKernelCompilesToALibraryOfTheTarget(String name) {
    CpuTarget target = CpuTarget.named(name);
    byte[] library = new CpuCompiler(target).compile(KERNELS).sharedObject();
    assertThat(new byte[] {library[0], library[1], library[2], library[3]})
        .containsExactly(0x7f, 'E', 'L', 'F');
    assertThat(library[18] & 0xff).isEqualTo(target.triple().startsWith("aarch64") ? 183 : 62);
  }

  @ParameterizedTest
  @MethodSource("names")
  void productsMultiplyWholeVectorsOfTheTarget(String name) {
    CpuTarget target = CpuTarget.named(name);
    GemmSpec spec = new GemmSpec(64, 48, WeightStorage.F32, Epilogue.NONE);
    String text = new CpuCompiler(target).assembly(spec);
    if (target.triple().isEmpty()) {
      String register = target.lanes() == 16 ? "zmm" : "ymm";
      assertThat(count(text, "vfmadd\\w+ps\\s.*%" + register))
          .isGreaterThanOrEqualTo(target.tileRows() * target.tileVectors());
      assertThat(count(text, "%zmm") > 0).isEqualTo(target.lanes() == 16);
    } else {
      assertThat(count(text, "fmla\\s+v\\d+\\.4s"))
          .isGreaterThanOrEqualTo(target.tileRows() * target.tileVectors());
    }
  }

  private static long count(String text, String pattern) {
    return text.lines().filter(Pattern.compile(pattern).asPredicate()).count();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aTargetNamesItselfAndFitsItsRegisters(String name) {
    CpuTarget target = CpuTarget.named(name);
    assertThat(target.cpu()).isEqualTo(name);
    assertThat(target.panelWidth()).isEqualTo(target.lanes() * target.tileVectors());
    // Sums, one row of weights and one element of the operand are in registers at once.
    int registers = target.lanes() == 8 ? 16 : 32;
    assertThat(target.tileRows() * target.tileVectors() + target.tileVectors() + 1)
        .isLessThanOrEqualTo(registers);
    assertThat(target.features().isEmpty()).isEqualTo(target.triple().startsWith("aarch64"));
  }

  @Test
  void theHostRunsWhatIsCompiledForIt() {
    KernelBench.targets();
    CpuTarget host = CpuTarget.host();
    assertThat(HostCpu.detect().missing(host.features())).isEmpty();
    assertThat(host.triple()).isEmpty();
  }

  @Test
  void theHintForAnUnknownNameListsAllNames() {
    assertThatThrownBy(() -> CpuTarget.named("8086")).isInstanceOfSatisfying(UserError.class, e -> {
      assertThat(e.code()).isEqualTo("CG0101");
      assertThat(e.hint()).contains(CpuTarget.names()).contains("host");
    });
  }
}
