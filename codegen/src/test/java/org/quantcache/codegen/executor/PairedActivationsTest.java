package org.quantcache.codegen.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.cpu.CpuBackend;
import org.quantcache.codegen.cuda.CudaBackend;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** Activations of 4 bits that share bytes, where kernels do not read them so. */
class PairedActivationsTest {
  private static IrModule planned(int weightBits, String passes) {
    String text = """
        module @t <stages = [fused]> {
          weight.def @w <bits = 4, key = "w", type = q<range = 4, cell = 8, per = channel, scale = f32>[4, 8]>
          weight.def @w_scale <bits = 4, key = "w", part = scale, type = f32[4]>
          weight.def @w_sum <bits = 4, key = "w", part = sum, type = i32[4]>
          func @f(%x: f32[2, 8]) -> f32[2, 4] <results = ["output"]> {
            %v, %r = quant.rows(%x) <bits = 4, cell = 4, granularity = token, prologue = []> : q<range = 4, cell = 4, per = token, scale = f32>[2, 8], f32[2, 2]
            %w = weight.get <weight = @w> : q<range = 4, cell = 8, per = channel, scale = f32>[4, 8]
            %scale = weight.get <weight = @w_scale> : f32[4]
            %sum = weight.get <weight = @w_sum> : i32[4]
            %p = quant.linear(%v, %r, %w, %scale, %sum) <epilogue = []> : f32[2, 4]
            func.return(%p)
          }
        }
        """.replace("range = 4, cell = 8", "range = 4, cell = " + weightBits);
    IrModule module = IrParser.parse(text, "t.qir", StandardOps.registry());
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(passes), module);
    return module;
  }

  @Test
  void theProcessorReadsOneActivationAByte() {
    CpuTarget target = CpuTarget.named("x86-64-v3");
    IrModule module = planned(4, AllPasses.targetPasses(target.panelWidth()));
    assertThatThrownBy(() -> new CpuBackend(target).compile(module, (done, total) -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0211");
          assertThat(e.getMessage()).contains("quant.rows", "x86-64-v3 read one activation a byte");
          assertThat(e.hint()).contains("cell = 4", "'lower'");
        });
  }

  @Test
  void aWeightOf8BitsMeetsOneActivationAByte() {
    IrModule module = planned(8, "lower{device=cuda},memory-plan");
    CudaBackend backend = new CudaBackend(CudaTarget.of(List.of(CudaTarget.EMULATED)));
    assertThatThrownBy(() -> backend.compile(module, (done, total) -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0211");
          assertThat(e.getMessage()).contains("quant.linear", "with weights of 4 bits alone");
        });
  }
}
