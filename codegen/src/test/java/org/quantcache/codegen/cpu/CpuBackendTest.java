package org.quantcache.codegen.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;

/** What the backend makes of a module: machine code without calls, executors that allocate nothing. */
class CpuBackendTest {
  private static final CpuTarget TARGET = CpuTarget.named("x86-64-v3");

  private static CpuBackend.Output output;

  /** What was told of the kernels, as {@code done/total}. */
  private static List<String> told;

  @BeforeAll
  static void compileOnce() {
    List<String> counts = new ArrayList<>();
    output = new CpuBackend(TARGET)
        .compile(TinyModel.planned(TARGET), (done, total) -> counts.add(done + "/" + total));
    told = counts;
  }

  private static CpuBackend.Output compile(CpuTarget target, IrModule module) {
    return new CpuBackend(target).compile(module, (done, total) -> {});
  }

  @Test
  void progressCountsEveryKernelOnce() {
    long kernels = output.kernelList().lines().count();
    List<String> expected = new ArrayList<>();
    for (int done = 1; done <= kernels; done++) {
      expected.add(done + "/" + kernels);
    }
    assertThat(told).isEqualTo(expected);
  }

  @Test
  void kernelsCallNothingButMovesOfMemory() {
    List<ElfSymbols.Symbol> symbols = ElfSymbols.of(output.sharedObject());
    assertThat(symbols)
        .filteredOn(s -> s.defined() && s.name().startsWith("gemm_"))
        .isNotEmpty();
    assertThat(symbols)
        .filteredOn(s -> !s.defined() && !s.weak())
        .extracting(ElfSymbols.Symbol::name)
        .isSubsetOf("memcpy", "memset", "memmove");
  }

  @Test
  void everyLaunchOfAnExecutorHasItsKernelInTheLibrary() {
    TreeSet<String> launched = new TreeSet<>();
    for (String source : output.executors().sources().values()) {
      Matcher kernel = Pattern.compile("kernel\\(\"([^\"]+)\"\\)").matcher(source);
      while (kernel.find()) {
        launched.add(kernel.group(1));
      }
    }
    assertThat(launched).isNotEmpty();
    assertThat(ElfSymbols.of(output.sharedObject()))
        .filteredOn(ElfSymbols.Symbol::defined)
        .extracting(ElfSymbols.Symbol::name)
        .containsAll(launched);
    assertThat(output.kernelList().lines().map(line -> line.split(" ")[0]).toList())
        .containsExactlyElementsOf(launched);
  }

  @Test
  @Tag("slow")
  void theSameModuleGivesTheSameBytes() {
    CpuBackend.Output again = compile(TARGET, TinyModel.planned(TARGET));
    assertThat(again.sharedObject()).isEqualTo(output.sharedObject());
    assertThat(again.kernelList()).isEqualTo(output.kernelList());
    assertThat(again.executors().sources()).isEqualTo(output.executors().sources());
    assertThat(again.executors().names()).isEqualTo(output.executors().names());
    assertThat(again.workspaceBytes()).isEqualTo(output.workspaceBytes());
    assertThat(again.executors().classes().keySet())
        .isEqualTo(output.executors().classes().keySet());
    again
        .executors()
        .classes()
        .forEach((name, bytes) ->
            assertThat(bytes).isEqualTo(output.executors().classes().get(name)));
  }

  @Test
  void runningAnExecutorAllocatesNothing() {
    for (String source : output.executors().sources().values()) {
      String running = source.substring(source.indexOf("void execute("));
      assertThat(running).contains("run_");
      assertThat(running.lines().map(line -> line.replaceFirst("//.*", "")).toList())
          .noneMatch(line -> line.matches(".*\\bnew\\b.*"))
          .noneMatch(line -> line.contains("kernel("))
          .noneMatch(line -> line.contains("tensor("))
          .noneMatch(line -> line.contains("floats("));
    }
  }

  @Test
  void everyStatementStandsUnderThePlaceInTheModel() {
    String source = output.executors().sources().get("SampleExecutor");
    assertThat(source)
        .contains("for (step = 0; step < steps; step++) {")
        .contains("// spatial_blocks.0.attn.qkv: fused.linear f32[2, 3, 4, 48]")
        .contains("private void run_step_spatial_blocks_0")
        .contains("observer.wants(\"z_steps\")");
    assertThat(source.lines()).noneMatch(line -> line.length() > 1000);
  }

  @Test
  void classesBelongToTheirFunctions() {
    assertThat(output.executors().names())
        .containsEntry("sample", "org.quantcache.generated.SampleExecutor")
        .containsEntry("rest", "org.quantcache.generated.RestExecutor");
    assertThat(output.executors().classes().keySet())
        .containsExactlyElementsOf(output.executors().sources().keySet());
  }

  @Test
  void aModuleWithoutAPlanIsRefused() {
    assertThatThrownBy(() -> compile(TARGET, TinyModel.module()))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0207");
          assertThat(e.hint()).contains("memory-plan");
        });
  }

  @Test
  void weightsPackedForAnotherTargetAreRefused() {
    CpuTarget wide = CpuTarget.named("x86-64-v4");
    assertThatThrownBy(() -> compile(wide, TinyModel.planned(TARGET)))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0203");
          assertThat(e.hint()).contains("panel-width=32");
        });
  }
}
