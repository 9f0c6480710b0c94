package org.quantcache.ir.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/** Each operation of two versions of a function is kept, removed, added or changed. */
class OperationDiffTest {
  private static IrModule module(String... lines) {
    String text = "module @m {\n  func @f(%x: f32[2, 8], %w: f32[8, 8]) -> f32[2, 8] {\n"
        + String.join("\n", lines) + "\n  }\n}\n";
    return IrParser.parse(text, "test", StandardOps.registry());
  }

  private static List<String> names(List<Operation> operations) {
    return operations.stream().map(Operation::name).toList();
  }

  @Test
  void nothingDiffersWhenOnlyNamesDo() {
    OperationDiff diff = OperationDiff.between(
        module("%a = nn.gelu(%x) : f32[2, 8] loc(\"a\")", "func.return(%a)"),
        module("%b = nn.gelu(%x) : f32[2, 8] loc(\"b\")", "func.return(%b)"),
        "f");

    assertThat(diff.removed()).isEmpty();
    assertThat(diff.added()).isEmpty();
    assertThat(diff.changed()).isEmpty();
  }

  @Test
  void whatIsReplacedIsRemovedAndAdded() {
    OperationDiff diff = OperationDiff.between(
        module(
            "%a = nn.gelu(%x) : f32[2, 8] loc(\"act\")",
            "%b = math.add(%a, %x) : f32[2, 8] loc(\"sum\")", "func.return(%b)"),
        module(
            "%a = nn.silu(%x) : f32[2, 8] loc(\"act\")",
            "%b = math.add(%a, %x) : f32[2, 8] loc(\"sum\")", "func.return(%b)"),
        "f");

    assertThat(names(diff.removed())).containsExactly("nn.gelu");
    assertThat(names(diff.added())).containsExactly("nn.silu");
    assertThat(diff.changed())
        .extracting(pair -> pair.before().name() + " " + pair.after().name())
        .containsExactly("math.add math.add");
  }

  @Test
  void anOperationOfTheSameNameAndPlaceWithOtherAttributesIsChanged() {
    OperationDiff diff = OperationDiff.between(
        module(
            "%a = nn.layer_norm(%x) <epsilon = 1.0E-6> : f32[2, 8] loc(\"norm\")",
            "func.return(%a)"),
        module(
            "%a = nn.layer_norm(%x) <epsilon = 1.0E-5> : f32[2, 8] loc(\"norm\")",
            "func.return(%a)"),
        "f");

    assertThat(diff.removed()).isEmpty();
    assertThat(diff.added()).isEmpty();
    assertThat(diff.changed()).extracting(pair -> pair.after().name()).contains("nn.layer_norm");
  }

  @Test
  void anOperationMoreAtTheSamePlaceIsAdded() {
    OperationDiff diff = OperationDiff.between(
        module("%a = nn.gelu(%x) : f32[2, 8] loc(\"a\")", "func.return(%a)"),
        module(
            "%a = nn.gelu(%x) : f32[2, 8] loc(\"a\")",
            "%b = nn.gelu(%a) : f32[2, 8] loc(\"a\")", "func.return(%b)"),
        "f");

    assertThat(diff.removed()).isEmpty();
    assertThat(names(diff.added())).containsExactly("nn.gelu");
  }
}
