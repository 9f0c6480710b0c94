package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.quant.StoredVectors;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** Quantized operations against the formula in double and against what they approximate. */
class QuantKernelsTest {
  private final Random random = new Random(12);

  private static OneOp rows(int bits, String granularity, int hadamard, String... prologue) {
    List<Attribute> words = List.of(prologue).stream().map(Attribute::word).toList();
    return OneOp.of(QuantOps.ROWS)
        .with("bits", Attribute.of((long) bits))
        .with("granularity", Attribute.word(granularity))
        .with("hadamard", Attribute.of((long) hadamard))
        .with("prologue", new Attribute.ListAttr(words));
  }

  /** Fails unless the results stand for {@code expected} up to half a step of their row. */
  private static void requireNear(List<Tensor> found, Tensor expected) {
    Tensor values = found.get(0);
    Tensor range = found.get(1);
    assertThat(values.element()).isEqualTo(ScalarType.U8);
    assertThat(values.sizes()).isEqualTo(expected.sizes());
    int channels = (int) values.size(-1);
    for (int i = 0; i < values.count(); i++) {
      int grid = range.count() == 2 ? 0 : i / channels;
      double step = range.get(2 * grid);
      double number = values.get(i) * step + range.get(2 * grid + 1);
      assertThat(Math.abs(number - expected.get(i))).isLessThanOrEqualTo(0.501 * step + 2e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"token", "tensor"})
  void valuesAndRangeStandForTheInput(String granularity) {
    Tensor x = OneOp.random(random, 2, 3, 10);
    for (int bits = 4; bits <= 8; bits++) {
      List<Tensor> found = rows(bits, granularity, 0).runAll(x);
      requireNear(found, x);
      assertThat(found.get(1).sizes())
          .isEqualTo(granularity.equals("token") ? List.of(2L, 3L, 2L) : List.of(1L, 1L, 2L));
    }
  }

  @Test
  void theBitsOfARunReplaceThoseOfTheProgramButNeverExceedThem() {
    Tensor x = OneOp.random(random, 4, 9);
    int[][] cases = {{8, 4, 4}, {6, 8, 6}, {6, 6, 6}, {4, 0, 2}, {8, -5, 2}, {8, 1 << 30, 8}};
    for (int[] c : cases) {
      List<Tensor> found =
          rows(c[0], "token", 0).with("dynamic", Attribute.of(true)).runAll(x, Tensor.scalar(c[1]));
      requireNear(found, x);
      double largest = 0;
      for (int i = 0; i < found.get(0).count(); i++) {
        largest = Math.max(largest, found.get(0).get(i));
      }
      assertThat(largest).isEqualTo((1 << c[2]) - 1);
    }
  }

  @Test
  void aPrologueIsItsOwnOperation() {
    Tensor x = OneOp.random(random, 4, 2, 3, 8);
    Tensor shift = OneOp.random(random, 2, 1, 1, 8);
    Tensor scale = OneOp.random(random, 2, 2, 1, 8);
    Attribute epsilon = Attribute.of(1e-6);
    requireNear(
        rows(8, "token", 0, "norm_modulate").with("epsilon", epsilon).runAll(x, shift, scale),
        OneOp.of(FusedOps.NORM_MODULATE).with("epsilon", epsilon).run(x, shift, scale));
    requireNear(rows(8, "token", 0, "gelu").runAll(x), OneOp.of(NnOps.GELU).run(x));
  }

  @Test
  void balanceComesBeforeRotation() {
    Tensor x = OneOp.random(random, 3, 8);
    Tensor inverse = OneOp.random(random, 8);
    Tensor expected = Tensor.zeros(ScalarType.F32, x.sizes());
    for (int i = 0; i < x.count(); i++) {
      double sum = 0;
      for (int j = 0; j < 4; j++) {
        int k = i % 8 / 4 * 4 + j;
        int sign = Integer.bitCount(i % 4 & j) % 2 == 0 ? 1 : -1;
        sum += sign * x.get(i / 8 * 8 + k) * inverse.get(k);
      }
      expected.set(i, sum / 2);
    }
    requireNear(
        rows(8, "token", 4).with("inverse", Attribute.of(true)).runAll(x, inverse), expected);
  }

  @Test
  void equalHugeTinyAndAbsentNumbersAreFine() {
    for (float same : new float[] {0, -3, 1e38f, Float.MIN_VALUE}) {
      Tensor x = OneOp.floats(List.of(2L, 3L), same, same, same, same, same, same);
      requireNear(rows(8, "token", 0).runAll(x), x);
    }
    List<Tensor> none = rows(8, "token", 0).runAll(OneOp.random(random, 0, 3));
    assertThat(none.get(0).count()).isZero();
    assertThat(rows(8, "tensor", 0).runAll(OneOp.random(random, 0, 3)).get(1).count())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void oneRangeForAllRowsIsFoundInStepsAsAtOnce(int rows) {
    Tensor x = OneOp.random(random, rows, 8);
    Tensor inverse = OneOp.random(random, 8);
    Tensor bits = Tensor.scalar(5);
    Attribute yes = Attribute.of(true);
    List<Tensor> atOnce = rows(8, "tensor", 4, "gelu")
        .with("inverse", yes)
        .with("dynamic", yes)
        .runAll(x, inverse, bits);
    Attribute gelu = new Attribute.ListAttr(List.of(Attribute.word("gelu")));
    Attribute block = Attribute.of(4L);
    Tensor extremes = OneOp.of(QuantOps.EXTREMES)
        .with("prologue", gelu)
        .with("hadamard", block)
        .with("inverse", yes)
        .run(x, inverse);
    assertThat(extremes.sizes()).isEqualTo(List.of((long) rows, 2L));
    Tensor grid = OneOp.of(QuantOps.GRID)
        .with("bits", Attribute.of(8L))
        .with("dynamic", yes)
        .run(extremes, bits);
    Tensor values = OneOp.of(QuantOps.ROUND)
        .with("prologue", gelu)
        .with("hadamard", block)
        .with("inverse", yes)
        .with("bits", Attribute.of(8L))
        .with("dynamic", yes)
        .run(x, inverse, grid, bits);
    assertThat(grid.floats()).isEqualTo(atOnce.get(1).floats());
    assertThat(values.floats()).isEqualTo(atOnce.get(0).floats());
    assertThat(values.element()).isEqualTo(ScalarType.U8);
  }

  private static String program(int bits, int weightBits, String recipe, int group) {
    String per = group == 0 ? "per = channel" : "per = group, group = " + group;
    String q = "q<range = " + weightBits + ", cell = 8, " + per + ", scale = f32>[7, 16]";
    String groups = group == 0 ? "" : ", " + 16 / group;
    String common =
        "key = \"w\", bits = " + weightBits + recipe + (group == 0 ? "" : ", group = " + group);
    return """
        module @m {
          weight.def @w <%s, type = %s>
          weight.def @scale <%s, part = scale, type = f32[7%s]>
          weight.def @sum <%s, part = sum, type = i32[7%s]>
          func @f(%%x: f32[2, 3, 16], %%inverse: f32[16], %%bias: f32[7], %%gate: f32[1, 1, 7]) -> (f32[2, 3, 7]) <results = ["y"]> {
            %%v, %%r = quant.rows(%%x, %%inverse) <bits = %d, granularity = token, hadamard = 8, inverse = true, prologue = []>
            %%w = weight.get <weight = @w> : %s
            %%scale = weight.get <weight = @scale> : f32[7%s]
            %%sum = weight.get <weight = @sum> : i32[7%s]
            %%y = quant.linear(%%v, %%r, %%w, %%scale, %%sum, %%bias, %%gate) <epilogue = [bias, gelu, gate]>
            func.return(%%y)
          }
        }
        """.formatted(common, q, common, groups, common, groups, bits, q, groups, groups);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 8})
  void aBalancedRotatedProductIsNearTheProductOfFloats(int group) {
    Tensor x = OneOp.random(random, 2, 3, 16);
    Tensor weight = OneOp.random(random, 7, 16);
    Tensor balance = OneOp.random(random, 16);
    Tensor inverse = Tensor.zeros(ScalarType.F32, List.of(16L));
    for (int k = 0; k < 16; k++) {
      balance.set(k, 0.5 + Math.abs(balance.get(k)));
      inverse.set(k, 1 / balance.get(k));
    }
    Tensor bias = OneOp.random(random, 7);
    Tensor gate = OneOp.random(random, 1, 1, 7);
    Map<String, Tensor> inputs =
        new TreeMap<>(Map.of("x", x, "inverse", inverse, "bias", bias, "gate", gate));
    StoredVectors store =
        new StoredVectors().with("w", weight.floats(), 7, 16).with("balance", balance.floats(), 16);
    String recipe = ", columns = \"balance\", hadamard = 8";
    IrModule module = IrParser.parse(program(8, 8, recipe, group), "test", StandardOps.registry());
    for (ScalarType precision : List.of(ScalarType.F32, ScalarType.F64)) {
      try (ReferenceProgram program = new ReferenceProgram(module, "f", store, precision)) {
        Tensor y = program.run(inputs, 1, StepObserver.NONE).get("y");
        for (int i = 0; i < y.count(); i++) {
          double sum = bias.get(i % 7);
          double size = 1;
          for (int k = 0; k < 16; k++) {
            double product = x.get(i / 7 * 16 + k) * weight.get(i % 7 * 16 + k);
            sum += product;
            size += Math.abs(product);
          }
          double expected = ElementKernels.gelu(sum) * gate.get(i % 7);
          assertThat(Math.abs(y.get(i) - expected))
              .isLessThan(0.03 * size * Math.max(1, Math.abs(gate.get(i % 7))));
        }
      }
    }
  }

  @Test
  void whereNothingIsRoundedTheProductIsExact() {
    Tensor x = Tensor.zeros(ScalarType.F32, List.of(3L, 16L));
    Tensor weight = Tensor.zeros(ScalarType.F32, List.of(7L, 16L));
    // Rows that reach from 0 to 255 have steps of 1, those of weights with a largest magnitude of
    // 127 scales of 1.
    for (int i = 0; i < x.count(); i++) {
      x.set(i, i % 16 == 3 ? 0 : i % 16 == 7 ? 255 : random.nextInt(256));
    }
    for (int i = 0; i < weight.count(); i++) {
      weight.set(i, i % 8 == 5 ? -127 : random.nextInt(255) - 127);
    }
    for (int group : new int[] {0, 8}) {
      String q = "q<range = 8, cell = 8, "
          + (group == 0 ? "per = channel" : "per = group, group = 8") + ", scale = f32>[7, 16]";
      String groups = group == 0 ? "[7]" : "[7, 2]";
      String recipe = "bits = 8, key = \"w\"" + (group == 0 ? "" : ", group = 8");
      String text = """
          module @m {
            weight.def @w <%s, type = %s>
            weight.def @scale <%s, part = scale, type = f32%s>
            weight.def @sum <%s, part = sum, type = i32%s>
            func @f(%%x: f32[3, 16]) -> (f32[3, 7]) <results = ["y"]> {
              %%v, %%r = quant.rows(%%x) <bits = 8, granularity = token, prologue = []>
              %%w = weight.get <weight = @w> : %s
              %%scale = weight.get <weight = @scale> : f32%s
              %%sum = weight.get <weight = @sum> : i32%s
              %%y = quant.linear(%%v, %%r, %%w, %%scale, %%sum) <epilogue = []>
              func.return(%%y)
            }
          }
          """.formatted(recipe, q, recipe, groups, recipe, groups, q, groups, groups);
      IrModule module = IrParser.parse(text, "test", StandardOps.registry());
      StoredVectors store = new StoredVectors().with("w", weight.floats(), 7, 16);
      try (ReferenceProgram program = new ReferenceProgram(module, "f", store)) {
        Tensor y = program.run(Map.of("x", x), 1, StepObserver.NONE).get("y");
        for (int i = 0; i < y.count(); i++) {
          double sum = 0;
          for (int k = 0; k < 16; k++) {
            sum += x.get(i / 7 * 16 + k) * weight.get(i % 7 * 16 + k);
          }
          assertThat(y.get(i)).isEqualTo(sum);
        }
      }
    }
  }
}
