package org.quantcache.tools.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.verify.Verifier;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/** What is left of a module is small, valid, and still shows what was looked for. */
class ReducerTest {
  private static final Path SPRITES = Path.of("samples/sprites");
  private static final int PLENTY = 10_000;

  private static IrModule parse(String text) {
    return IrParser.parse(text, "t.qir", StandardOps.registry());
  }

  /** The sample model with a subtraction in the middle of it, which the model has nowhere else. */
  private static IrModule planted() {
    IrModule module;
    try (Checkpoint checkpoint = Checkpoint.open(SPRITES)) {
      module = SampleModule.lift(checkpoint, SampleModel.of(SPRITES));
    }
    List<Operation> products = new ArrayList<>();
    module.walk(op -> {
      if (op.is("nn.linear") && op.location().text().equals("temporal_blocks.2.mlp.fc2")) {
        products.add(op);
      }
    });
    Operation product = products.get(0);
    Rewriter rewriter = new Rewriter(module, StandardOps.registry(), new Rewriter.Listener() {});
    Operation planted = rewriter
        .after(product)
        .create("math.sub")
        .operands(product.result(), product.result())
        .at(product.location())
        .build();
    product.result().users().stream().filter(user -> user != planted).forEach(user -> {
      for (int i = 0; i < user.operandCount(); i++) {
        if (user.operand(i) == product.result()) {
          rewriter.setOperand(user, i, planted.result());
        }
      }
    });
    return module;
  }

  private static boolean subtracts(IrModule module) {
    boolean[] found = new boolean[1];
    module.walk(op -> found[0] |= op.is("math.sub"));
    return found[0];
  }

  private static void assertValid(String text) {
    Verifier.standard().withoutLocations().require(parse(text));
  }

  @Test
  void aFaultInTheMiddleOfTheSampleModelIsLeftAlone() {
    List<String> kept = new ArrayList<>();
    Reducer.Result result = Reducer.reduce(
        planted(),
        (module, text) -> subtracts(module),
        PLENTY,
        (text, operations, tests) -> kept.add(text));
    assertThat(result.isDone()).isTrue();
    assertThat(result.operations()).as(result.text()).isLessThanOrEqualTo(3);
    assertThat(result.tests()).isLessThan(500);
    assertThat(subtracts(parse(result.text()))).isTrue();
    assertThat(kept).last().isEqualTo(result.text());
    kept.forEach(text -> {
      assertValid(text);
      assertThat(subtracts(parse(text))).isTrue();
    });
  }

  @Test
  void passesThatFailGoOnFailingWithTheSameCode() {
    String source = """
        module @m <stages = [imported, fused]> {
          weight.def @w <key = "w", type = f32[8, 8]>
          func @f(%x: f32[4, 8], %y: f32[8, 8]) -> (f32[4, 8], f32[4, 8]) <results = ["a", "b"]> {
            %w = weight.get <weight = @w> : f32[8, 8]
            %p = nn.linear(%x, %w) : f32[4, 8]
            %q = nn.gelu(%p) : f32[4, 8]
            %z = nn.silu(%y) : f32[8, 8]
            %bad = nn.linear(%q, %z) : f32[4, 8]
            %r = math.add(%bad, %q) : f32[4, 8]
            func.return(%r, %p)
          }
          func @g(%x: f32[4]) -> f32[4] <results = ["c"]> {
            %r = nn.gelu(%x) : f32[4]
            func.return(%r)
          }
        }
        """;
    PipelineInterest check =
        new PipelineInterest("lower", Optional.empty(), "f32[8, 8]", parse(source));
    assertThat(check.failure()).isEqualTo("PA0202");
    Reducer.Result result =
        Reducer.reduce(parse(source), check, PLENTY, (text, operations, tests) -> {});
    assertThat(result.text()).contains("nn.linear").doesNotContain("@g", "math.add", "weight.");
    assertThat(result.operations()).isEqualTo(1);
    assertValid(result.text());
  }

  @Test
  void reducingTheResultAgainChangesNothing() {
    Interest check = (module, text) -> count(module, "nn.gelu") >= 2;
    IrModule module = parse("""
        module @m <dims = [#dim<bound = 9, name = N>]> {
          func @f(%x: f32[2], %g: f32[N, 1]) -> f32[2] <results = ["output"]> {
            %a = nn.gelu(%x) : f32[2]
            %r = step.loop(%g, %a) : f32[2] {|%i: i32[], %z: f32[2]|
              %b = nn.silu(%z) : f32[2]
              %c = nn.gelu(%b) : f32[2]
              %d = math.add(%c, %a) : f32[2]
              step.yield(%d)
            }
            %e = nn.gelu(%r) : f32[2]
            func.return(%e)
          }
        }
        """);
    Reducer.Result once = Reducer.reduce(module, check, PLENTY, (text, operations, tests) -> {});
    Reducer.Result same = Reducer.reduce(module, check, PLENTY, (text, operations, tests) -> {});
    Reducer.Result twice =
        Reducer.reduce(parse(once.text()), check, PLENTY, (text, operations, tests) -> {});
    assertThat(once.operations()).isEqualTo(2);
    assertThat(same).isEqualTo(once);
    assertThat(twice.text()).isEqualTo(once.text());
    assertValid(once.text());
  }

  private static long count(IrModule module, String op) {
    long[] count = new long[1];
    module.walk(o -> count[0] += o.is(op) ? 1 : 0);
    return count[0];
  }

  @Test
  void whenTheTestsRunOutTheSmallestSoFarIsTheResult() {
    Reducer.Result result = Reducer.reduce(
        planted(), (module, text) -> subtracts(module), 5, (text, operations, tests) -> {});
    assertThat(result.isDone()).isFalse();
    assertThat(result.tests()).isEqualTo(5);
    assertThat(subtracts(parse(result.text()))).isTrue();
    assertValid(result.text());
  }

  @Test
  void aCheckThatDoesNotHoldAtFirstIsRefused() {
    IrModule module = parse("module @m {}");
    assertThatThrownBy(() ->
            Reducer.reduce(module, (m, text) -> false, PLENTY, (text, operations, tests) -> {}))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CL0741"));
    assertThatThrownBy(() -> new PipelineInterest("fold", Optional.empty(), "", module))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("CL0740"));
  }

  @Test
  void valuesOfAttributesBecomeSmall() {
    IrModule module = parse("""
        module @m {
          func @f(%x: f32[2, 2, 2]) -> f32[2, 2, 2] <results = ["output"]> {
            %a = nn.layer_norm(%x) <epsilon = 3.0> : f32[2, 2, 2]
            %b = tensor.permute(%a) <order = [2, 1, 0]> : f32[2, 2, 2]
            func.return(%b)
          }
        }
        """);
    Reducer.Result result = Reducer.reduce(
        module,
        (m, text) -> count(m, "nn.layer_norm") > 0,
        PLENTY,
        (text, operations, tests) -> {});
    assertThat(result.text()).contains("epsilon = 1.0").doesNotContain("permute");
  }
}
