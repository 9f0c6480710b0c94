package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;

/** Functions, loops, observers, symbolic sizes and weights on the reference device. */
class ReferenceProgramTest {
  private static final String LOOP = """
      module @m <dims = [#dim<bound = 5, name = N>]> {
        func @f(%z: f32[2], %step: f32[N, 2]) -> f32[2] <results = ["output"]> {
          %r = step.loop(%step, %z) : f32[2] {|%i: i32[], %c: f32[2]|
            %d = tensor.row(%step, %i) : f32[2]
            step.observe(%i, %c) <name = "carried">
            %s = math.add(%c, %d) : f32[2]
            step.yield(%s)
          }
          func.return(%r)
        }
      }
      """;

  private static ReferenceProgram program(String text, WeightStore store) {
    return new ReferenceProgram(
        IrParser.parse(text, "test.qir", StandardOps.registry()), "f", store);
  }

  @Test
  void aLoopCarriesValuesAndShowsThemAtEachStep() {
    Tensor z = Tensor.of(List.of(2L), 1f, 2f);
    Tensor steps = Tensor.of(List.of(3L, 2L), 1f, 10f, 2f, 20f, 4f, 40f);
    StepSeries series = new StepSeries("carried");
    List<Integer> done = new ArrayList<>();
    StepObserver both = new StepObserver() {
      @Override
      public boolean wants(String name) {
        return series.wants(name);
      }

      @Override
      public void observed(String name, int index, int total, Tensor value) {
        assertThat(total).isEqualTo(3);
        assertThat(index).isEqualTo(done.size());
        series.observed(name, index, total, value);
      }

      @Override
      public void stepped(int index, int total) {
        assertThat(total).isEqualTo(3);
        done.add(index);
      }
    };
    try (ReferenceProgram program = program(LOOP, OneOp.NO_WEIGHTS)) {
      Tensor out = program.run(Map.of("z", z, "step", steps), 3, both).get("output");
      assertThat(out.floats()).containsExactly(8, 72);
    }
    assertThat(done).containsExactly(0, 1, 2);
    assertThat(series.stacked().sizes()).containsExactly(3L, 2L);
    assertThat(series.stacked().floats()).containsExactly(1, 2, 2, 12, 4, 32);
  }

  @Test
  void theSameProgramRunsAgainWithAnotherNumberOfSteps() {
    try (ReferenceProgram program = program(LOOP, OneOp.NO_WEIGHTS)) {
      for (int steps = 1; steps <= 5; steps++) {
        float[] ones = new float[2 * steps];
        java.util.Arrays.fill(ones, 1);
        Map<String, Tensor> inputs = Map.of(
            "z",
            Tensor.of(List.of(2L), 0f, 0f),
            "step",
            Tensor.of(List.of((long) steps, 2L), ones));
        assertThat(program.run(inputs, steps, StepObserver.NONE).get("output").floats())
            .containsExactly(steps, steps);
      }
    }
  }

  @Test
  void inputsThatDoNotFitAreOneErrorThatNamesThemAll() {
    try (ReferenceProgram program = program(LOOP, OneOp.NO_WEIGHTS)) {
      Tensor grid = Tensor.of(List.of(6L, 2L), new float[12]);
      assertThatThrownBy(() -> program.run(
              Map.of("z", Tensor.of(List.of(3L), 1f, 2f, 3f), "step", grid), 6, StepObserver.NONE))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("RT0101");
            assertThat(e.getMessage()).contains("'z'").contains("size N is 6, expected 1..5");
          });
      assertThatThrownBy(() -> program.run(Map.of("step", grid), 6, StepObserver.NONE))
          .hasMessageContaining("'z' is missing");
    }
  }

  @Test
  void aWeightIsCutToItsRowsReshapedAndConverted() {
    String text = """
        module @m {
          weight.def @all <key = "w", type = f32[6]>
          weight.def @rows <key = "w", rows = [2, 0], type = f16[4]>
          func @f() -> (f32[6], f16[4]) <results = ["all", "rows"]> {
            %a = weight.get <weight = @all> : f32[6]
            %b = weight.get <weight = @rows> : f16[4]
            func.return(%a, %b)
          }
        }
        """;
    WeightStore store = store("w", List.of(3L, 2L), 1, 2, 3, 4, 2049, 6);
    try (ReferenceProgram program = program(text, store)) {
      Map<String, Tensor> found = program.run(Map.of(), 1, StepObserver.NONE);
      assertThat(found.keySet()).containsExactly("all", "rows");
      assertThat(found.get("all").floats()).containsExactly(1, 2, 3, 4, 2049, 6);
      assertThat(found.get("rows").floats()).containsExactly(2048, 6, 1, 2);
    }
  }

  @Test
  void aWeightThatTheStoreLacksIsACodedError() {
    String text = """
        module @m {
          weight.def @w <key = "blocks.0.w", type = f32[2]>
          func @f() -> f32[2] <results = ["output"]> {
            %a = weight.get <weight = @w> : f32[2]
            func.return(%a)
          }
        }
        """;
    try (ReferenceProgram program = program(text, OneOp.NO_WEIGHTS)) {
      assertThatThrownBy(() -> program.run(Map.of(), 1, StepObserver.NONE))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("RT0105");
            assertThat(e.getMessage()).contains("blocks.0.w");
          });
    }
  }

  private static WeightStore store(String key, List<Long> shape, float... values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    TensorData tensor = new TensorData() {
      @Override
      public TensorInfo info() {
        return new TensorInfo(key, StoredType.F32, shape, 0, data.capacity());
      }

      @Override
      public ByteBuffer bytes(long offset, int length) {
        return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
      }
    };
    Map<String, TensorData> tensors = new TreeMap<>(Map.of(key, tensor));
    return new WeightStore() {
      @Override
      public Set<String> keys() {
        return tensors.keySet();
      }

      @Override
      public Optional<TensorData> find(String name) {
        return Optional.ofNullable(tensors.get(name));
      }

      @Override
      public void close() {}
    };
  }
}
