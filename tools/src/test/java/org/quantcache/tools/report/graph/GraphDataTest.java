package org.quantcache.tools.report.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/** Groups follow the places of the model; what is built alike is laid out once; edges keep their order. */
class GraphDataTest {
  private static final String BLOCK = """
          %%a%1$d = nn.gelu(%%x%1$d) : f32[2, 8] loc("blocks.%1$d.mlp.fc1")
          %%b%1$d = nn.silu(%%a%1$d) : f32[2, 8] loc("blocks.%1$d.mlp.fc2")
          %%x%2$d = math.add(%%b%1$d, %%x%1$d) : f32[2, 8] loc("blocks.%1$d")
      """;

  private static IrModule stack(int blocks) {
    StringBuilder text =
        new StringBuilder("module @m {\n  func @f(%x0: f32[2, 8]) -> f32[2, 8] {\n");
    for (int i = 0; i < blocks; i++) {
      text.append(String.format(Locale.ROOT, BLOCK, i, i + 1));
    }
    text.append("    func.return(%x").append(blocks).append(")\n  }\n}\n");
    return IrParser.parse(text.toString(), "stack", StandardOps.registry());
  }

  private static JsonNode json(IrModule... modules) {
    GraphData data = new GraphData();
    for (IrModule module : modules) {
      data.add("state", module, KernelIndex.none());
    }
    return data.json();
  }

  private static JsonNode root(JsonNode graph, int stage) {
    return graph.path("nodes").get(graph.path("stages").get(stage).path("root").asInt());
  }

  private static List<String> labels(JsonNode graph, JsonNode group) {
    List<String> out = new ArrayList<>();
    for (JsonNode child : group.get(4)) {
      out.add(graph
          .path("strings")
          .get(graph.path("nodes").get(child.asInt()).get(1).asInt())
          .asText());
    }
    return out;
  }

  @Test
  void eachBlockIsAGroupWithItsParts() {
    JsonNode graph = json(stack(2));
    JsonNode root = root(graph, 0);
    assertThat(labels(graph, root)).containsExactly("blocks.0", "blocks.1", "func.return");
    JsonNode block = graph.path("nodes").get(root.get(4).get(0).asInt());
    assertThat(labels(graph, block)).containsExactly("mlp", "math.add");
    assertThat(block.get(6).asInt()).isEqualTo(3);
    assertThat(root.get(6).asInt()).isEqualTo(7);
  }

  @Test
  void blocksThatAreBuiltAlikeShareOneLayout() {
    assertThat(json(stack(40)).path("layouts"))
        .hasSize(json(stack(2)).path("layouts").size());
  }

  @Test
  void aStateThatIsLikeTheOneBeforeAddsNothingButItsEntry() {
    JsonNode one = json(stack(3));
    JsonNode two = json(stack(3), stack(3));
    assertThat(two.path("nodes")).isEqualTo(one.path("nodes"));
    assertThat(two.path("stages")).hasSize(2);
    assertThat(two.path("stages").get(1).path("marks").path("added")).isEmpty();
  }

  @Test
  void nodesOfALayoutStandBelowWhatTheyReadAndDoNotOverlap() {
    for (JsonNode layout : json(stack(12)).path("layouts")) {
      JsonNode boxes = layout.path("boxes");
      for (JsonNode edge : layout.path("edges")) {
        JsonNode from = boxes.get(edge.get(0).asInt());
        JsonNode to = boxes.get(edge.get(1).asInt());
        assertThat(to.get(1).asInt())
            .isGreaterThan(from.get(1).asInt() + from.get(3).asInt());
      }
      for (int i = 0; i < boxes.size(); i++) {
        for (int j = 0; j < i; j++) {
          assertThat(overlap(boxes.get(i), boxes.get(j))).isFalse();
        }
      }
    }
  }

  private static boolean overlap(JsonNode a, JsonNode b) {
    return meet(a, b, 0) && meet(a, b, 1);
  }

  private static boolean meet(JsonNode a, JsonNode b, int side) {
    int start = Math.max(a.get(side).asInt(), b.get(side).asInt());
    int end = Math.min(
        a.get(side).asInt() + a.get(side + 2).asInt(),
        b.get(side).asInt() + b.get(side + 2).asInt());
    return start < end;
  }

  @Test
  void aGroupWithoutOperationsCanBeDrawn() {
    IrModule empty = IrParser.parse(
        "module @m {\n  func @f(%x: f32[2]) -> f32[2] {\n    func.return(%x)\n  }\n}\n",
        "empty", StandardOps.registry());
    assertThat(root(json(empty), 0).get(6).asInt()).isEqualTo(1);
  }
}
