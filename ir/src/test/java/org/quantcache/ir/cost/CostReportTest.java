package org.quantcache.ir.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/** Work is added up by function, by operation, and apart for what a loop repeats. */
class CostReportTest {
  private static final IrModule MODULE = IrParser.parse("""
      module @m <dims = [#dim<bound = 10, name = N>]> {
        weight.def @w <key = "k", type = f16[8, 4]>
        func @f(%x: f32[2, 4], %g: f32[N, 1]) -> f32[2, 4] {
          %w = weight.get <weight = @w> : f16[8, 4]
          %h = nn.linear(%x, %w) : f32[2, 8]
          %r = step.loop(%g, %x) : f32[2, 4] {|%i: i32[], %z: f32[2, 4]|
            %s = math.add(%z, %x) : f32[2, 4]
            step.yield(%s)
          }
          func.return(%r)
        }
        func @empty() {
          func.return
        }
      }
      """, "t.qir", StandardOps.registry());

  @Test
  void workInLoopsCountsForEveryTurn() {
    FunctionCost cost = CostReport.of(MODULE, Map.of("N", 3L)::get).function("f");
    // 2 x 8 results of 4 multiply-adds; x, weight in f16, result.
    Cost linear = new Cost(2 * 2 * 8 * 4, 2 * 4 * 4 + 8 * 4 * 2, 2 * 8 * 4);
    Cost add = new Cost(8, 2 * 8 * 4, 8 * 4);
    assertThat(cost.once()).isEqualTo(linear);
    assertThat(cost.perStep()).isEqualTo(add);
    assertThat(cost.steps()).isEqualTo(3);
    assertThat(cost.total()).isEqualTo(linear.plus(add.times(3)));
  }

  @Test
  void boundsOfTheModuleServeAsValues() {
    assertThat(CostReport.of(MODULE, MODULE::bound).function("f").steps()).isEqualTo(10);
  }

  @Test
  void operationsAreCountedByName() {
    FunctionCost cost = CostReport.of(MODULE, MODULE::bound).function("f");
    assertThat(cost.operations())
        .extracting(FunctionCost.OperationCost::name)
        .containsExactly(
            "func.return", "math.add", "nn.linear", "step.loop", "step.yield", "weight.get");
    FunctionCost.OperationCost add = cost.operations().get(1);
    assertThat(add.onceCount()).isZero();
    assertThat(add.stepCount()).isEqualTo(1);
    assertThat(add.once()).isEqualTo(Cost.ZERO);
    assertThat(add.perStep().flops()).isEqualTo(8);
  }

  @Test
  void aFunctionWithoutWorkCostsNothing() {
    FunctionCost cost = CostReport.of(MODULE, MODULE::bound).function("empty");
    assertThat(cost.total()).isEqualTo(Cost.ZERO);
    assertThat(cost.steps()).isZero();
    assertThatThrownBy(() -> CostReport.of(MODULE, MODULE::bound).function("none"))
        .hasMessageContaining("@none");
  }

  @Test
  void theReportGoesToJson() throws Exception {
    String json = new ObjectMapper().writeValueAsString(CostReport.of(MODULE, MODULE::bound));
    assertThat(json)
        .startsWith("{\"functions\":[{\"name\":\"f\",\"steps\":10,\"once\":{\"flops\":128,");
  }
}
