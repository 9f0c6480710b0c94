package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.ElementwiseSpec.Function;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.KernelLaunch;

class CpuCompilerTest {
  private static final long LIMIT = 1 << 20;
  private static final List<Long> SIZES = List.of(3L, 40L);
  private static final ElementwiseSpec ADD =
      new ElementwiseSpec(Function.ADD, SIZES, List.of(SIZES, SIZES));
  private static final GemmSpec GELU =
      new GemmSpec(40, 24, WeightStorage.F16, new Epilogue(true, Activation.GELU, false, false));
  private static final GemmSpec SILU =
      new GemmSpec(40, 24, WeightStorage.F32, new Epilogue(true, Activation.SILU, true, true));
  private static final GemmSpec PLAIN = new GemmSpec(256, 384, WeightStorage.F32, Epilogue.NONE);
  private static final SelfAttentionSpec ATTENTION =
      new SelfAttentionSpec(2, 16, 20, true, true, 0.25, 1e-6);

  @Test
  void theSameKernelsGiveTheSameBytesInAnyOrder() {
    CpuTarget target = CpuTarget.named("x86-64-v3");
    byte[] first = new CpuCompiler(target, new KernelObjects(LIMIT))
        .compile(List.of(ADD, GELU, ATTENTION))
        .sharedObject();
    byte[] second = new CpuCompiler(target, new KernelObjects(LIMIT))
        .compile(List.of(ATTENTION, ADD, ADD, GELU))
        .sharedObject();
    assertThat(second).isEqualTo(first);
  }

  /** A kernel that counts how often it was written. */
  private record Counted(KernelSpec spec, AtomicInteger count) implements KernelSpec {
    @Override
    public String functionName() {
      return spec.functionName();
    }

    @Override
    public void emit(KernelBuilder kernel, CpuTarget target) {
      count.incrementAndGet();
      spec.emit(kernel, target);
    }
  }

  @Test
  void aKernelIsCompiledOnceForEachTarget() {
    Counted add = new Counted(ADD, new AtomicInteger());
    KernelObjects objects = new KernelObjects(LIMIT);
    CpuTarget target = CpuTarget.named("x86-64-v3");
    byte[] first = new CpuCompiler(target, objects).compile(List.of(add, GELU)).sharedObject();
    byte[] second = new CpuCompiler(target, objects).compile(List.of(add, GELU)).sharedObject();
    assertThat(second).isEqualTo(first);
    assertThat(add.count()).hasValue(1);

    byte[] other = new CpuCompiler(CpuTarget.named("x86-64-v4"), objects)
        .compile(List.of(add, GELU))
        .sharedObject();
    assertThat(other).isNotEqualTo(first);
    assertThat(add.count()).hasValue(2);
  }

  @Test
  void whatLeftTheMemoryOfKernelsIsCompiledAgain() {
    Counted add = new Counted(ADD, new AtomicInteger());
    CpuCompiler compiler = new CpuCompiler(CpuTarget.named("x86-64-v3"), new KernelObjects(10));
    byte[] first = compiler.compile(List.of(add)).sharedObject();
    assertThat(compiler.compile(List.of(add)).sharedObject()).isEqualTo(first);
    assertThat(add.count()).hasValue(2);
  }

  @Test
  void noKernelCallsScalarFunctionsOfTheCLibrary() {
    for (CpuTarget target : KernelBench.targets()) {
      CpuCompiler compiler = new CpuCompiler(target);
      for (KernelSpec spec : List.of(GELU, SILU, ATTENTION)) {
        List<String> calls = compiler
            .assembly(spec)
            .lines()
            .filter(line -> line.matches("\\s*(call|jmp)q?\\s+[^.*\\s]+.*"))
            .filter(
                line -> !line.contains("_compute_") && !line.matches(".*\\bmem(cpy|set|move)\\b.*"))
            .toList();
        assertThat(calls).as("%s for %s", spec.functionName(), target.cpu()).isEmpty();
      }
    }
  }

  @Test
  void accumulatorsOfTheMatrixProductStayInRegisters() {
    for (CpuTarget target : KernelBench.targets()) {
      String inner = busiestBlock(new CpuCompiler(target).assembly(PLAIN));
      // A spilled sum is stored from a register to the stack between two multiplications.
      assertThat(inner
              .lines()
              .filter(line -> line.matches("\\s*vmov\\w+\\s+%[xyz]mm\\d+, .*\\(%rsp\\).*"))
              .toList())
          .as(target.cpu())
          .isEmpty();
    }
  }

  /** The straight piece of code with the most multiplications. */
  private static String busiestBlock(String assembly) {
    String busiest = "";
    long most = 0;
    for (String block : assembly.split("\n\\.LBB")) {
      long count = block.lines().filter(line -> line.contains("vfmadd")).count();
      if (count > most) {
        most = count;
        busiest = block;
      }
    }
    return busiest;
  }

  @Test
  void otherProcessorsAreCompiledForFromHere() {
    for (String name :
        List.of("x86-64-v3", "x86-64-v4", "sapphirerapids", "neoverse-n1", "cortex-a76")) {
      byte[] library =
          new CpuCompiler(CpuTarget.named(name)).compile(List.of(GELU)).sharedObject();
      boolean arm = name.startsWith("neoverse") || name.startsWith("cortex");
      assertThat(library[18] & 0xff).as("ELF machine of " + name).isEqualTo(arm ? 183 : 62);
    }
  }

  @Test
  void aProcessorThatNobodyKnowsIsACodedErrorWithASuggestion() {
    assertThatThrownBy(() -> CpuTarget.named("znver44"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0101");
          assertThat(e.hint()).contains("znver4");
        });
  }

  @Test
  void aKernelThatIsCalledWronglyFailsInTheCallerAndThePoolGoesOn() {
    try (KernelBench bench = new KernelBench(List.of(ADD), 3)) {
      KernelBench.Memory out = bench.memory(new float[120]);
      long x = bench.memory(new float[120]).address();
      assertThatThrownBy(() -> bench.run(bench.launch(ADD).pointer(x), 3))
          .isInstanceOf(RuntimeException.class);
      KernelLaunch.Builder wrongKind =
          bench.launch(ADD).pointer(x).integer(5).pointer(out.address());
      assertThatThrownBy(() -> bench.run(wrongKind, 3)).isInstanceOf(RuntimeException.class);
      bench.run(bench.launch(ADD).pointer(x).pointer(x).pointer(out.address()), 3);
      assertThat(out.floats()).containsOnly(0f);
    }
  }

  @Test
  void theResultDoesNotDependOnTheNumberOfWorkers() {
    float[] x = new float[120];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
    }
    for (int workers = 1; workers <= 5; workers++) {
      try (KernelBench bench = new KernelBench(List.of(ADD), workers)) {
        KernelBench.Memory out = bench.memory(new float[120]);
        long in = bench.memory(x).address();
        for (int round = 0; round < 200; round++) {
          bench.run(bench.launch(ADD).pointer(in).pointer(in).pointer(out.address()), 3);
        }
        for (int i = 0; i < x.length; i++) {
          assertThat(out.floats()[i]).isEqualTo(2f * i);
        }
      }
    }
  }
}
