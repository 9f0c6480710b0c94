package org.quantcache.ir.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.hash.StructuralHash;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.testing.IrGenerator;
import org.quantcache.ir.text.IrParser;

/** Differences in structure are shown once, where they are; names are no difference. */
class IrDiffTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final String BASE = """
      module @m {
        weight.def @w <key = "k", type = f32[2]>
        func @f(%x: f32[2], %g: f32[3, 1]) -> f32[2] {
          %a = nn.gelu(%x) : f32[2]
          %b = nn.silu(%a) : f32[2]
          %c = math.add(%b, %x) : f32[2]
          %d = nn.gelu(%c) : f32[2]
          %r = step.loop(%g, %d) : f32[2] {|%i: i32[], %z: f32[2]|
            %s = nn.silu(%z) : f32[2]
            step.yield(%s)
          }
          func.return(%r)
        }
      }
      """;

  private static IrModule parse(String text) {
    return IrParser.parse(text, "t.qir", REGISTRY);
  }

  private static String diff(String after) {
    return IrDiff.between(parse(BASE), parse(after)).text();
  }

  @Test
  void equalModulesAndRenamedOnesHaveNoDifference() {
    assertThat(diff(BASE)).isEmpty();
    assertThat(diff(BASE.replace("%a", "%q").replace("%i", "%step"))).isEmpty();
    for (long seed = 0; seed < 100; seed++) {
      IrDiff same = IrDiff.between(IrGenerator.module(seed), IrGenerator.module(seed));
      assertThat(same.isEmpty()).as("seed %d", seed).isTrue();
      assertThat(same.text()).isEmpty();
    }
  }

  @Test
  void anEmptyDifferenceMeansEqualHashes() {
    for (long seed = 0; seed < 200; seed++) {
      IrModule a = IrGenerator.module(seed);
      IrModule b = IrGenerator.module(seed + 1);
      assertThat(IrDiff.between(a, b).isEmpty())
          .as("seed %d", seed)
          .isEqualTo(StructuralHash.of(a).equals(StructuralHash.of(b)));
    }
  }

  @Test
  void oneRemovedOperationIsShownWithItsReader() {
    String after = BASE.replace("    %b = nn.silu(%a) : f32[2]\n", "").replace("(%b,", "(%a,");
    assertThat(diff(after)).isEqualTo("""
            @@ func @f @@
                func @f(%x: f32[2], %g: f32[3, 1]) -> (f32[2])
                  %a = nn.gelu(%x) : f32[2]
            -     %b = nn.silu(%a) : f32[2]
            -     %c = math.add(%b, %x) : f32[2]
            +     %c = math.add(%a, %x) : f32[2]
                  %d = nn.gelu(%c) : f32[2]
                  %r = step.loop(%g, %d) : f32[2]
            nn.silu: -1
            """);
  }

  @Test
  void swappedOperandsAreADifference() {
    assertThat(diff(BASE.replace("(%b, %x)", "(%x, %b)")))
        .contains("- ", "math.add(%b, %x)", "+ ", "math.add(%x, %b)")
        .doesNotContain("nn.silu: ");
  }

  @Test
  void changesInALoopAreShownInIt() {
    assertThat(diff(BASE.replace("%s = nn.silu(%z)", "%s = nn.gelu(%z)")))
        .contains("-       %s = nn.silu(%z) : f32[2]\n", "+       %s = nn.gelu(%z) : f32[2]\n")
        .endsWith("nn.gelu: +1\nnn.silu: -1\n");
  }

  @Test
  void changedAttributesGlobalsAndFunctionsAreShown() {
    assertThat(diff(BASE.replace("module @m", "module @m <a = 1>")))
        .startsWith("- module @m \n+ module @m <a = 1>");
    assertThat(diff(BASE.replace("\"k\"", "\"l\""))).contains("@@ globals @@", "key = \"l\"");
    assertThat(diff(BASE.replace("@f", "@g"))).contains("@@ func @f @@", "@@ func @g @@");
    assertThat(diff(BASE.replace("-> f32[2] {", "-> f32[2] <results = [r]> {")))
        .contains("+   func @f(%x: f32[2], %g: f32[3, 1]) -> (f32[2]) <results = [r]>");
  }

  @Test
  void commonLinesAreAsManyAsThereCanBe() {
    SplittableRandom random = new SplittableRandom(9);
    for (int round = 0; round < 500; round++) {
      List<String> a = letters(random);
      List<String> b = letters(random);
      List<int[]> pairs = CommonLines.of(a, b);
      assertThat(pairs).as("%s %s", a, b).hasSize(longest(a, b));
      for (int i = 0; i < pairs.size(); i++) {
        assertThat(a.get(pairs.get(i)[0])).isEqualTo(b.get(pairs.get(i)[1]));
        if (i > 0) {
          assertThat(pairs.get(i)[0]).isGreaterThan(pairs.get(i - 1)[0]);
          assertThat(pairs.get(i)[1]).isGreaterThan(pairs.get(i - 1)[1]);
        }
      }
    }
  }

  private static List<String> letters(SplittableRandom random) {
    List<String> out = new ArrayList<>();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      out.add("abc".substring(random.nextInt(3)).substring(0, 1));
    }
    return out;
  }

  private static int longest(List<String> a, List<String> b) {
    int[][] table = new int[a.size() + 1][b.size() + 1];
    for (int i = 1; i <= a.size(); i++) {
      for (int j = 1; j <= b.size(); j++) {
        table[i][j] = a.get(i - 1).equals(b.get(j - 1))
            ? table[i - 1][j - 1] + 1
            : Math.max(table[i - 1][j], table[i][j - 1]);
      }
    }
    return table[a.size()][b.size()];
  }
}
