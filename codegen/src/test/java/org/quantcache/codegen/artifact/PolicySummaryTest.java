package org.quantcache.codegen.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** The summary of an artifact says what its program decides by. */
class PolicySummaryTest {
  private static final String STACK = """
      module @t <dims = [#dim<bound = 9, name = N>], stages = [imported, fused]> {
        weight.def @w <key = "w", type = f32[8, 8]>
        weight.def @q <key = "q", type = f32[24, 8]>
        func @f(%x: f32[1, 2, 3, 8], %grid: f32[N, 2]) -> f32[1, 2, 3, 8] <results = ["output"]> {
          %r = step.loop(%grid, %x) : f32[1, 2, 3, 8] {|%i: i32[], %z: f32[1, 2, 3, 8]|
            %w = weight.get <weight = @w> : f32[8, 8]
            %q = weight.get <weight = @q> : f32[24, 8]
            %e = nn.silu(%z) : f32[1, 2, 3, 8]
            %n = nn.linear(%e, %q) : f32[1, 2, 3, 24]
            %a = fused.attention(%n) <heads = 2, axis = 1, norm = false, rope = false, scale = 0.5> : f32[1, 2, 3, 8]
            %b = fused.linear(%a, %w, %e) <epilogue = [residual]> : f32[1, 2, 3, 8]
            step.yield(%b)
          }
          func.return(%r)
        }
      }
      """;

  private static JsonNode summary(String passes) {
    IrModule module = IrParser.parse(STACK, "stack", StandardOps.registry());
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(passes), module);
    return JsonMapper.builder().build().valueToTree(PolicySummary.of(module));
  }

  @Test
  void aProgramWithoutPoliciesHasEmptyLists() {
    JsonNode summary = summary("fold");
    assertThat(summary.fieldNames())
        .toIterable()
        .containsExactly("caching", "quantization", "pruning");
    assertThat(summary).allSatisfy(list -> assertThat(list).isEmpty());
  }

  @Test
  void guardsAndGridsAreStatedAsTheyAreUsed() {
    JsonNode summary = summary(
        "hlc{codebook=0.2:3/1,probe=0,reuse=linear},aigq{weights=4,activations=0.1:4/0.2:6/8}");
    JsonNode guard = summary.path("caching").path(0);
    assertThat(guard.path("name").asText()).isEqualTo("stack");
    assertThat(guard.path("history").asInt()).isEqualTo(2);
    assertThat(guard.path("policy").path("kind").asText()).isEqualTo("codebook");
    assertThat(guard.path("policy").path("intervals").path(0).asInt()).isEqualTo(3);
    assertThat(guard.path("policy").path("metric").path("kind").asText()).isEqualTo("metric");
    assertThat(summary.path("quantization")).hasSize(2);
    JsonNode product = summary.path("quantization").path(0);
    assertThat(product.path("weight").asText()).isEqualTo("q");
    assertThat(product.path("bits").asInt()).isEqualTo(4);
    assertThat(product.path("hadamard").asInt()).isEqualTo(8);
    assertThat(product.path("activation_bits").asInt()).isEqualTo(8);
    assertThat(product.path("activation_policy").path("levels").path(0).asInt()).isEqualTo(4);
  }
}
