package org.quantcache.ir.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.testing.IrGenerator;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;

/** Equal structure gives equal hashes, any other structure another one. */
class StructuralHashTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final String BASE = """
      module @m <stages = [imported]> {
        weight.def @w <key = "k", type = f32[2, 2]>
        func @f(%x: f32[2, 2], %y: f32[2, 2]) -> f32[2, 2] {
          %a = math.sub(%x, %y) : f32[2, 2] loc("p")
          %b = nn.layer_norm(%a) <epsilon = 0.5> : f32[2, 2]
          func.return(%b)
        }
      }
      """;

  private static String hash(String text) {
    return StructuralHash.of(IrParser.parse(text, "t.qir", REGISTRY));
  }

  @Test
  void namesAndLocationsDoNotCount() {
    String renamed = BASE.replace("%a", "%other").replace("loc(\"p\")", "loc(\"q\", \"r\")");
    assertThat(renamed).isNotEqualTo(BASE);
    assertThat(hash(renamed)).isEqualTo(hash(BASE)).matches("[0-9a-f]{64}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(%x, %y) : -> (%y, %x) :",
        "0.5 -> 0.25",
        "math.sub -> math.add",
        "\"k\" -> \"l\"",
        "@w < -> @v <",
        "@f -> @g",
        "imported -> fused",
        "%x -> %z",
        "2] -> 3]",
        "return(%b) -> return(%a)",
      })
  void everythingElseCounts(String change) {
    String[] sides = change.split(" -> ", 2);
    String changed = BASE.replace(sides[0], sides[1]);
    assertThat(changed).isNotEqualTo(BASE);
    assertThat(hash(changed)).isNotEqualTo(hash(BASE));
  }

  @Test
  void generatedModulesOfDifferentTextHaveDifferentHashes() {
    Map<String, String> seen = new HashMap<>();
    for (long seed = 0; seed < 500; seed++) {
      IrModule module = IrGenerator.module(seed);
      String text = IrPrinter.print(module, IrPrinter.Options.CANONICAL);
      String earlier = seen.putIfAbsent(StructuralHash.of(module), text);
      assertThat(earlier == null || earlier.equals(text)).as("seed %d", seed).isTrue();
      IrModule again = IrGenerator.module(seed);
      assertThat(StructuralHash.of(again)).isEqualTo(StructuralHash.of(module));
    }
    assertThat(seen).hasSizeGreaterThan(450);
  }

  @Test
  void theHashSurvivesTextAndIsStable() {
    for (long seed = 0; seed < 50; seed++) {
      IrModule module = IrGenerator.module(seed);
      IrModule read = IrParser.parse(
          IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS), "t.qir", REGISTRY);
      assertThat(StructuralHash.of(read)).as("seed %d", seed).isEqualTo(StructuralHash.of(module));
    }
    assertThat(hash(BASE))
        .as("a changed hash makes every stored one useless; change it on purpose only")
        .isEqualTo("ca5dcdd20b9cc57769f382e82ed53b64011593099b482b6666fe4bf44744b62e");
  }

  @Test
  void aFunctionHashesApartFromItsModule() {
    IrModule module = IrParser.parse(BASE, "t.qir", REGISTRY);
    IrModule moved = IrParser.parse(BASE.replace("@m", "@n"), "t.qir", REGISTRY);
    assertThat(StructuralHash.of(moved)).isNotEqualTo(StructuralHash.of(module));
    assertThat(StructuralHash.of(moved.function("f")))
        .isEqualTo(StructuralHash.of(module.function("f")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab"})
  void theHashDoesNotDependOnTheLocale(String tag) {
    String expected = StructuralHash.of(IrGenerator.module(3));
    Locale saved = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(tag));
    try {
      assertThat(StructuralHash.of(IrGenerator.module(3))).isEqualTo(expected);
    } finally {
      Locale.setDefault(saved);
    }
  }
}
