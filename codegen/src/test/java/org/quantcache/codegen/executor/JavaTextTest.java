package org.quantcache.codegen.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.cpu.CpuBackend;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/** Text from outside never becomes code of an executor. */
class JavaTextTest {
  private static final List<String> HOSTILE = List.of(
      "plain",
      "quote \" and \\ backslash",
      "C:\\users\\new",
      "\\u000a int broken",
      "line\nint broken;",
      "line\r int broken;",
      "\\\"); int broken; //",
      "*/ int broken; /*",
      "tab\t bell\u0007 accent \u00e9 line \u2028");

  @Test
  void plainTextStaysAsItIs() {
    assertThat(JavaText.literal("z_steps")).isEqualTo("\"z_steps\"");
    assertThat(JavaText.comment("spatial_blocks.0.attn: f32[2, L]"))
        .isEqualTo("spatial_blocks.0.attn: f32[2, L]");
  }

  @Test
  void literalsAndCommentsOfAnyTextCompileToNothingElse() {
    for (String text : HOSTILE) {
      String source = "package p;\n\nfinal class C {\n  // " + JavaText.comment(text)
          + "\n  static final String TEXT = " + JavaText.literal(text) + ";\n}\n";
      assertThat(JavaSources.compile("p", Map.of("C", source))).containsOnlyKeys("C");
      assertThat(source.lines().count()).isEqualTo(6);
    }
  }

  @Test
  void executorsOfHostileNamesCompile() {
    CpuTarget target = CpuTarget.named("x86-64-v3");
    for (String text : HOSTILE) {
      String quoted = text.replace("\\", "\\\\")
          .replace("\"", "\\\"")
          .replace("\n", "\\n")
          .replace("\r", "\\r")
          .replace("\t", "\\t")
          .replace("\u0007", "")
          .replace("\u2028", "");
      IrModule module =
          IrParser.parse("""
          module @m <dims = [#dim<bound = 5, name = N>]> {
            func @f(%%grid: f32[N, 1], %%z: f32[4]) -> f32[4] <results = ["output"]> {
              %%r = step.loop(%%grid, %%z) : f32[4] {|%%i: i32[], %%c: f32[4]|
                step.observe(%%i, %%c) <name = "%s"> loc("%s")
                %%n = nn.silu(%%c) : f32[4] loc("%s")
                step.yield(%%n)
              }
              func.return(%%r)
            }
          }
          """.formatted(quoted, quoted, quoted), "text.qir", StandardOps.registry());
      TinyModel.plan(module, target);
      Map<String, String> sources = new CpuBackend(target)
          .compile(module, (done, total) -> {})
          .executors()
          .sources();
      assertThat(sources.get("FExecutor").lines())
          .noneMatch(l -> l.strip().startsWith("int broken"));
    }
  }

  @Test
  void functionsThatWouldShareAnExecutorAreRefused() {
    CpuTarget target = CpuTarget.named("x86-64-v3");
    IrModule module = IrParser.parse("""
        module @m {
          func @f(%x: f32[4]) -> f32[4] <results = ["output"]> {
            %y = nn.silu(%x) : f32[4]
            func.return(%y)
          }
          func @F(%x: f32[4]) -> f32[4] <results = ["output"]> {
            %y = nn.gelu(%x) : f32[4]
            func.return(%y)
          }
        }
        """, "case.qir", StandardOps.registry());
    TinyModel.plan(module, target);
    assertThatThrownBy(() -> new CpuBackend(target).compile(module, (done, total) -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CG0208"));
  }
}
