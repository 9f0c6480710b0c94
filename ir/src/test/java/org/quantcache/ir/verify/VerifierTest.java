package org.quantcache.ir.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.BrokenIr;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.Diagnostic;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.testing.IrGenerator;
import org.quantcache.ir.text.IrParser;

/** Every rule of the verifier refuses a module that breaks it, and no valid module is refused. */
class VerifierTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final String CHAIN = """
      module @m {
        func @f(%x: f32[2]) -> f32[2] {
          %a = nn.gelu(%x) : f32[2]
          %b = nn.silu(%a) : f32[2]
          func.return(%b)
        }
      }
      """;
  private static final String LOOP = """
      module @m {
        func @f(%%g: f32[3, 1], %%x: f32[2]) -> f32[2] {
          %%r = step.loop(%%g, %%x) : f32[2] {|%s|
            %s
          }
          func.return(%%r)
        }
      }
      """;

  private static IrModule parse(String text) {
    return IrParser.parse(text, "t.qir", REGISTRY);
  }

  private static List<String> codes(IrModule module) {
    return Verifier.standard().verify(module).errors().stream()
        .map(Diagnostic::code)
        .toList();
  }

  private static Rewriter rewriter(IrModule module) {
    return new Rewriter(module, REGISTRY, new Rewriter.Listener() {});
  }

  private static Operation operation(IrModule module, int index) {
    return module.functions().get(0).body().operations().get(index);
  }

  @Test
  void generatedModulesAreValid() {
    for (long seed = 0; seed < 300; seed++) {
      Diagnostics found = Verifier.standard().verify(IrGenerator.module(seed));
      assertThat(found.render()).as("seed %d", seed).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // terminators
        "IR0203 | module @m { func @f() { } }",
        "IR0203 | module @m { func @f(%x: f32[2]) { %a = nn.gelu(%x) } }",
        "IR0203 | module @m { func @f(%x: f32[2]) { func.return() func.return() } }",
        "IR0203 | module @m { func @f(%x: f32[2]) { step.yield(%x) } }",
        // results
        "IR0204 | module @m { func @f(%x: f32[2]) -> f32[3] { func.return(%x) } }",
        "IR0204 | module @m { func @f(%x: f32[2]) { func.return(%x) } }",
        "IR0204 | module @m { func @f(%x: f32[2]) -> (f32[2], f32[2]) { func.return(%x) } }",
        // weights
        "IR0205 | module @m { func @f() { %w = weight.get <weight = @w> : f16[2] func.return } }",
        "IR0205 | module @m { weight.def @w <key = `k`, type = f16[3]> func @f() { %w = weight.get <weight = @w> : f16[2]"
            + " func.return } }",
        // symbolic sizes
        "IR0207 | module @m { func @f(%x: f32[L]) { func.return } }",
        "IR0207 | module @m { weight.def @w <key = `k`, type = f16[2*L]> }",
        "IR0207 | module @m <dims = [#dim<bound = 3, name = L>]> { func @f(%x: f32[L, M]) { func.return } }",
        // names of the interface
        "IR0209 | module @m { func @f(%1: f32[2]) { func.return } }",
        "IR0209 | module @m { func @f(%x: f32[2]) -> f32[2] <results = []> { func.return(%x) } }",
        "IR0209 | module @m { func @f(%x: f32[2]) -> f32[2] <results = 3> { func.return(%x) } }",
        "IR0209 | module @m { func @f(%x: f32[2]) -> f32[2] <results = [4]> { func.return(%x) } }",
        "IR0209 | module @m { func @f(%x: f32[2]) -> (f32[2], f32[2]) <results = [a, a]> { func.return(%x, %x) } }",
        // module attributes
        "IR0210 | module @m <dims = 3> { }",
        "IR0210 | module @m <dims = [L]> { }",
        "IR0210 | module @m <dims = [#dim<name = L>]> { }",
        "IR0210 | module @m <dims = [#dim<bound = 0, name = L>]> { }",
        "IR0210 | module @m <dims = [#dim<bound = 3, name = L>, #dim<bound = 4, name = L>]> { }",
        "IR0210 | module @m <stages = [baked]> { }",
        "IR0210 | module @m <stages = imported> { }",
      })
  void brokenModulesAreRefused(String code, String text) {
    assertThat(codes(parse(text.replace('`', '"')))).contains(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "%i: i32[], %z: f32[3] | step.yield(%z)",
        "%i: i64[], %z: f32[2] | step.yield(%z)",
        "%i: i32[] | step.yield(%x)",
        "%i: i32[], %z: f32[2] | step.yield(%z, %z)",
        "%i: i32[], %z: f32[2] | step.yield(%g)",
      })
  void loopsMustCarryTheirTypes(String arguments, String body) {
    // A bar inside the text would end the column, so the template holds them.
    String text = String.format(java.util.Locale.ROOT, LOOP, arguments, body);
    assertThat(codes(parse(text))).contains(IrCode.LOOP_TYPES.code());
  }

  private static final String GUARD = """
      %%s = cache.slot : f32[2]
      %%r = step.loop(%%g, %%x) : f32[2] {|%%i: i32[], %%z: f32[2]|
        %s
        step.yield(%%z)
      }
      """;
  private static final String POLICY =
      "policy = #codebook<bounds = [], intervals = [2], warmup = 1, tail = 0, from = 0.0, until = 1.0, metric = #metric<gap = actual, norm = l1_rel,"
          + " motion = off, motion_mean = 1.0, noise_floor = 0.0>>";

  private static final String SUM = POLICY.replace(
      "#codebook<bounds = [], intervals = [2]",
      "#accumulate<threshold = 0.1, rescale = [1.0, 0.0]");

  private static IrModule guarded(String body) {
    return parse("module @m { func @f(%g: f32[3, 1], %x: f32[2], %p: f32[1, 1, 1, 2]) {\n"
        + String.format(
            java.util.Locale.ROOT, GUARD, body.replace("POLICY", POLICY).replace("SUM", SUM))
        + "func.return } }");
  }

  @Test
  void aSoundGuardIsTaken() {
    assertThat(codes(guarded("%a = cache.guard(%i, %z, %s) <name = \"a\", POLICY> : f32[2] {"
            + " %n = nn.gelu(%z) : f32[2] step.yield(%n) }")))
        .isEmpty();
  }

  @Test
  void probesStandWhereTheirGuardAsksThem() {
    assertThat(codes(guarded("%a = cache.guard(%i, %z, %s) <name = \"a\", POLICY> : f32[2] {"
            + " %q = cache.probe(%p, %p, %p) <guard = \"a\"> : f32[1, 4] step.yield(%z) }"
            + " %r = cache.probe(%p, %p) <guard = \"b\"> : f32[1, 4]"
            + " %b = cache.guard(%i, %z, %s) <name = \"b\", SUM> : f32[2] { step.yield(%z) }")))
        .isEmpty();
  }

  private static final String PROBED =
      "%y, %t = fused.linear_probe(%p, %w, %p) <epilogue = [], probed = value, tile = [1, 2]>"
          + " : f32[1, 1, 1, 2], f32[1, 5] ";

  @Test
  void sumsOfAProductAreReadByWhoIsToldThem() {
    assertThat(codes(guarded("%w = tensor.constant <value = 1.0> : f32[2, 2]"
            + " %a = cache.guard(%i, %z, %s) <name = \"a\", POLICY> : f32[2] { "
            + PROBED + " cache.measured(%t) <guard = \"a\"> step.yield(%z) }")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Nobody, two, or somebody else reads the sums.
        PROBED,
        PROBED + "cache.measured(%t) <guard = \"a\"> cache.measured(%t) <guard = \"a\">",
        PROBED + "%u = nn.gelu(%t) : f32[1, 5]",
      })
  void sumsOfAProductHaveOneReader(String body) {
    assertThat(codes(guarded("%w = tensor.constant <value = 1.0> : f32[2, 2]"
            + " %a = cache.guard(%i, %z, %s) <name = \"a\", POLICY> : f32[2] { "
            + body + " step.yield(%z) }")))
        .containsOnly(IrCode.GUARD_FORM.code());
  }

  @Test
  void onlyAProductIsMeasured() {
    assertThat(codes(guarded("%t = tensor.constant <value = 1.0> : f32[1, 5]"
            + " %a = cache.guard(%i, %z, %s) <name = \"a\", POLICY> : f32[2] {"
            + " cache.measured(%t) <guard = \"a\"> step.yield(%z) }")))
        .containsExactly(IrCode.GUARD_FORM.code());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // The region yields another type, or nothing.
        "%a = cache.guard(%i, %z, %s) <name = 'a', POLICY> : f32[2] { step.yield(%g) }",
        "%a = cache.guard(%i, %z, %s) <name = 'a', POLICY> : f32[2] { step.yield(%z, %z) }",
        // Two guards share a name.
        "%a = cache.guard(%i, %z, %s) <name = 'a', POLICY> : f32[2] { step.yield(%z) }"
            + " %b = cache.guard(%i, %z, %s) <name = 'a', POLICY> : f32[2] { step.yield(%z) }",
        // A probe measures for nobody.
        "%q = cache.probe(%p, %p, %p) <guard = 'a'> : f32[1, 4]",
        // A probe of what a region adds stands in front of it; one of what it reads within it, or
        // behind.
        "%q = cache.probe(%p, %p) <guard = 'a'> : f32[1, 4]"
            + " %a = cache.guard(%i, %z, %s) <name = 'a', POLICY> : f32[2] { step.yield(%z) }",
        "%a = cache.guard(%i, %z, %s) <name = 'a', SUM> : f32[2] {"
            + " %q = cache.probe(%p, %p) <guard = 'a'> : f32[1, 4] step.yield(%z) }",
        "%a = cache.guard(%i, %z, %s) <name = 'a', SUM> : f32[2] { step.yield(%z) }"
            + " %q = cache.probe(%p, %p) <guard = 'a'> : f32[1, 4]",
      })
  void guardsMustFitTheirLoop(String body) {
    assertThat(codes(guarded(body.replace('\'', '"')))).containsExactly(IrCode.GUARD_FORM.code());
  }

  @Test
  void aGuardOutsideOfALoopIsRefused() {
    String text = "module @m { func @f(%i: i32[], %x: f32[2]) { %s = cache.slot : f32[2]"
        + " %a = cache.guard(%i, %x, %s) <name = \"a\", " + POLICY + "> : f32[2] { step.yield(%x) }"
        + " func.return } }";
    assertThat(codes(parse(text))).containsExactly(IrCode.GUARD_FORM.code());
  }

  @Test
  void aSoundLoopIsTaken() {
    String text =
        String.format(java.util.Locale.ROOT, LOOP, "%i: i32[], %z: f32[2]", "step.yield(%z)");
    assertThat(codes(parse(text))).isEmpty();
  }

  @Test
  void aReaderBeforeTheDefinitionIsRefused() {
    IrModule module = parse(CHAIN);
    rewriter(module).moveBefore(operation(module, 1), operation(module, 0));
    assertThat(codes(module)).containsExactly(IrCode.NOT_VISIBLE.code());
  }

  @Test
  void aValueOfAnotherFunctionIsRefused() {
    IrModule module = parse(CHAIN);
    IrModule other = parse(CHAIN);
    rewriter(module).setOperand(operation(module, 1), 0, operation(other, 0).result());
    assertThat(codes(module)).contains(IrCode.NOT_VISIBLE.code());
    assertThat(codes(other)).containsExactly(IrCode.USE_LIST.code());
  }

  @Test
  void useListsThatMissAReaderAreRefused() {
    IrModule module = parse(CHAIN);
    BrokenIr.forgetUse(operation(module, 0).result(), operation(module, 1));
    assertThat(codes(module)).containsExactly(IrCode.USE_LIST.code());
  }

  @Test
  void useListsWithAnInventedReaderAreRefused() {
    IrModule module = parse(CHAIN);
    BrokenIr.inventUse(operation(module, 1).result(), operation(module, 0));
    assertThat(codes(module)).containsExactly(IrCode.USE_LIST.code());
  }

  @Test
  void rewritesThatBreakTheTypeRuleAreRefused() {
    IrModule module =
        parse("module @m { func @f(%x: f32[2], %y: f32[3]) { %a = nn.gelu(%x) func.return } }");
    rewriter(module)
        .setOperand(
            operation(module, 0), 0, module.functions().get(0).parameters().get(1));
    assertThat(codes(module)).containsExactly(IrCode.BROKEN_TYPES.code());
  }

  @Test
  void attributesThatNoLongerFitAreRefused() {
    IrModule module = parse(
        "module @m { func @f(%x: f32[2]) { %a = nn.layer_norm(%x) <epsilon = 0.1> func.return } }");
    BrokenIr.removeAttribute(operation(module, 0), "epsilon");
    assertThat(codes(module)).containsExactly(IrCode.BROKEN_FORM.code());
    BrokenIr.setAttribute(operation(module, 0), "epsilon", Attribute.word("small"));
    assertThat(codes(module)).containsExactly(IrCode.BROKEN_FORM.code());
  }

  @Test
  void operationsOfAnImportedModuleNeedALocation() {
    IrModule module = new IrModule("m", Attributes.NONE);
    OpBuilder builder = new OpBuilder(module, REGISTRY);
    builder.function("f", List.of(), List.of(), Attributes.NONE);
    builder.create("func.return").at(Location.UNKNOWN).build();
    assertThat(codes(module)).isEmpty();
    Stage.IMPORTED.mark(module);
    assertThat(codes(module)).containsExactly(IrCode.NO_LOCATION.code());
    assertThat(Verifier.standard().withoutLocations().verify(module).hasErrors())
        .isFalse();
  }

  @Test
  void everythingWrongIsReportedAtOnceWithItsPlace() {
    IrModule module = parse("""
        module @m {
          func @f(%x: f32[L]) -> f32[3] {
            func.return(%x)
          }
          func @g() {
          }
        }
        """);
    assertThatThrownBy(() -> Verifier.standard().require(module))
        .isInstanceOfSatisfying(UserError.class, error -> {
          assertThat(error.code()).isEqualTo("IR0207");
          assertThat(error.report())
              .contains("t.qir:2:8: size 'L' has no bound")
              .contains("t.qir:3:5: error[IR0204]: in @f: returns [f32[L]], declared are [f32[3]]")
              .contains("t.qir:5:8: error[IR0203]: in @g: a region must end with 'func.return'");
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "          | params_at = [0], arena_bytes = 128 | at = [64]",
        "IR0301    | params_at = [0]                    | at = [64]",
        "IR0301    | arena_bytes = 128                  | at = [64]",
        "IR0301    | params_at = [], arena_bytes = 128  | at = [64]",
        "IR0301    | params_at = [a], arena_bytes = 128 | at = [64]",
        "IR0301    | params_at = [0], arena_bytes = 128 | at = []",
        "IR0301    | params_at = [0], arena_bytes = 128 | at = [64, 0]",
        "IR0302    | params_at = [0], arena_bytes = 128 | at = [60]",
        "IR0302    | params_at = [0], arena_bytes = 128 | at = [128]",
        "IR0302    | params_at = [0], arena_bytes = 128 | at = [-64]",
        "IR0302    | params_at = [0], arena_bytes = 128 | at = [9223372036854775744]",
        "IR0302    | params_at = [64], arena_bytes = 70 | at = [0]",
      })
  void plannedModulesNeedAlignedPlacesInTheArena(String code, String function, String operation) {
    String text = "module @m <stages = [planned]> { func @f(%x: f32[2]) <" + function
        + "> { %a = nn.gelu(%x) <" + operation + "> : f32[2] func.return } }";
    assertThat(codes(parse(text))).isEqualTo(code == null ? List.of() : List.of(code));
  }

  @Test
  void stageCheckersRunFromTheirStageOn() {
    StageChecker refuses = new StageChecker() {
      @Override
      public Stage stage() {
        return Stage.FUSED;
      }

      @Override
      public void check(IrModule module, Diagnostics diagnostics) {
        diagnostics.error(IrCode.NOT_PLANNED, Location.UNKNOWN, "refused");
      }
    };
    IrModule module = parse(CHAIN);
    Verifier verifier = Verifier.standard().with(refuses);
    assertThat(verifier.verify(module).hasErrors()).isFalse();
    Stage.FUSED.mark(module);
    assertThat(verifier.verify(module).render()).isEqualTo("error[IR0301]: refused");
  }
}
