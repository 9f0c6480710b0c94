package org.quantcache.ir.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;

/** Text that is no module is refused with a code, its place, what was found and what was expected. */
class ParserErrorsTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();

  private static UserError errorOf(String text) {
    return catchThrowableOfType(UserError.class, () -> IrParser.parse(text, "t.qir", REGISTRY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        // syntax
        "IR0101 | 1:1   | ^^",
        "IR0101 | 1:1   | hello",
        "IR0101 | 1:8   | module m { }",
        "IR0101 | 1:10  | module @m",
        "IR0101 | 1:15  | module @m { } module @n { }",
        "IR0101 | 1:12  | module @m <> { }",
        "IR0101 | 1:16  | module @m <a = > { }",
        "IR0101 | 1:11  | module @m $ { }",
        "IR0101 | 1:16  | module @m { %a }",
        "IR0101 | 1:21  | module @m { func @f { } }",
        "IR0101 | 1:23  | module @m { func @f(%x) { } }",
        "IR0101 | 1:28  | module @m { func @f(%x: f32) { } }",
        "IR0101 | 1:25  | module @m { func @f() { add(%x) } }",
        "IR0101 | 1:33  | module @m { func @f(%x: f32[2, 3) { func.return } }",
        "IR0101 | 1:19  | module @m <a = 1.5e, b = 2> { }",
        "IR0101 | 1:38  | module @m { func @f() { func.return( } }",
        "IR0101 | 1:41  | module @m { func @f() { func.return loc(3) } }",
        // operations
        "IR0102 | 1:25  | module @m { func @f() { no.such } }",
        "IR0110 | 1:13  | module @m { func.return }",
        "IR0110 | 1:25  | module @m { func @f() { weight.def @w <key = `k`, type = f32[]> } }",
        "IR0110 | 1:13  | module @m { weight.def <key = `k`, type = f32[]> }",
        "IR0110 | 1:13  | module @m { weight.def @w <key = `k`> }",
        "IR0110 | 1:13  | module @m { weight.def @w <key = 3, type = f32[]> }",
        "IR0110 | 1:13  | module @m { weight.def @w <key = `k`, type = f32[], more = 1> }",
        "IR0110 | 1:25  | module @m { func @f() { func.return @s } }",
        "IR0110 | 1:25  | module @m { func @f() { math.add } }",
        "IR0110 | 1:30  | module @m { func @f() { %a = func.return } }",
        "IR0110 | 1:25  | module @m { func @f() { func.return { } } }",
        "IR0110 | 1:35  | module @m { func @f(%x: f32[1]) { step.loop(%x, %x) } }",
        "IR0110 | 1:35  | module @m { func @f(%x: f32[1]) { step.loop(%x, %x) body { } } }",
        "IR0111 | 1:52  | module @m { func @f(%x: f32[2], %y: f32[3]) { %a = math.add(%x, %y) } }",
        "IR0111 | 1:40  | module @m { func @f(%x: f32[2]) { %a = nn.gelu(%x) : f32[3] } }",
        "IR0111 | 1:40  | module @m { func @f(%x: f32[2]) { %a = tensor.permute(%x) <order = [a]> } }",
        "IR0111 | 1:49  | module @m { func @f(%x: f32[1, 1, 1, L]) { %a = fused.attention(%x) <axis = 1, heads = 1, scale = 1> } }",
        // names
        "IR0103 | 1:37  | module @m { func @f() { func.return(%x) } }",
        "IR0103 | 1:47  | module @m { func @f(%x: f32[2]) { func.return(%y) } }",
        "IR0107 | 1:33  | module @m { func @f(%x: f32[2], %x: f32[2]) { } }",
        "IR0107 | 1:35  | module @m { func @f(%x: f32[2]) { %x = nn.gelu(%x) } }",
        "IR0107 | 1:44  | module @m { func @f() { func.return } func @f() { } }",
        "IR0107 | 1:19  | module @m <a = 1, a = 2> { }",
        "IR0107 | 1:22  | !a = f32[2] !b = f32 !a = f32[3] module @m { }",
        // types
        "IR0108 | 1:25  | module @m { func @f(%x: f31[2]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: f32<a = 1>[2]) { } }",
        "IR0108 | 1:29  | module @m { func @f(%x: f32[-1]) { } }",
        "IR0108 | 1:32  | module @m { func @f(%x: f32[2; #col]) { } }",
        "IR0108 | 1:32  | module @m { func @f(%x: f32[2; #row3]) { } }",
        "IR0108 | 1:32  | module @m { func @f(%x: f32[2; #panel0]) { } }",
        "IR0108 | 1:32  | module @m { func @f(%x: f32[2; #panel99999999999]) { } }",
        "IR0108 | 1:28  | module @m { func @f(%x: f32[4611686018427387904, 4611686018427387904]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: q<range = 4>[2]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: q<range = 9, cell = 8, per = token, scale = f32>[2]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: q<range = 4, cell = 8, per = row, scale = f32>[2]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: q<range = 4, cell = 8, per = token, scale = f3>[2]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: q<range = 4, cell = 8, per = token, scale = f32, x = 1>[2]) { } }",
        "IR0108 | 1:25  | module @m { func @f(%x: q<range = 99999999999, cell = 8, per = token, scale = f32>[2]) { } }",
        "IR0109 | 1:25  | module @m { func @f(%x: !a) { } }",
        "IR0108 | 1:45  | !a = f32 module @m { func @f(%x: f32[], %y: !a) { } }",
        "IR0108 | 1:37  | !a = f32[2] module @m { func @f(%x: !a[2]) { } }",
        // numbers and texts
        "IR0106 | 1:16  | module @m <a = 9223372036854775808> { }",
        "IR0106 | 1:16  | module @m <a = -9223372036854775809> { }",
        "IR0106 | 1:16  | module @m <a = 1.0e999> { }",
        "IR0106 | 1:29  | module @m { func @f(%x: f32[99999999999999999999]) { } }",
        "IR0106 | 1:29  | module @m { func @f(%x: f32[4611686018427387904*4]) { } }",
        "IR0105 | 1:16  | module @m <a = `open> { }",
        "IR0105 | 1:16  | module @m <a = `\\q`> { }",
        "IR0105 | 1:16  | module @m <a = `\\u12`> { }",
      })
  void malformedTextIsRefusedWithItsPlace(String code, String place, String text) {
    UserError error = errorOf(text.replace('`', '"'));
    assertThat(error).as(text).isNotNull();
    assertThat(error.code()).as(error.getMessage()).isEqualTo(code);
    assertThat(error.getMessage()).startsWith("t.qir:" + place + ": ");
  }

  @Test
  void anErrorOfSyntaxSaysWhatWasFoundAndExpected() {
    UserError error = errorOf("module @m {\n  func @f(%x: f32[2]) {\n\tnn.gelu(%x]\n  }\n}\n");
    assertThat(error.getMessage()).isEqualTo("""
            t.qir:3:12: found ']', expected ')' or ','
                3 | \tnn.gelu(%x]
                  | \t          ^""");
  }

  @Test
  void unknownNamesAreLikenedToKnownOnes() {
    assertThat(errorOf("module @m { func @f() { nn.liner } }").hint())
        .isEqualTo("did you mean 'nn.linear'?");
    assertThat(errorOf("module @m { func @f(%value: f3[2]) { } }").hint())
        .isEqualTo("did you mean 'f32'?");
    assertThat(errorOf("module @m { func @f(%value: f32[2]) { func.return(%valeu) } }")
            .hint())
        .isEqualTo("did you mean %value?");
    assertThat(errorOf("module @m { func @f() { zzzzzzzz.qqqqqqqq } }").hint()).isEmpty();
  }

  @Test
  void allErrorsOfMeaningAreReportedAtOnceAndNoneTwice() {
    UserError error = errorOf("""
        module @m {
          func @f(%x: f32[2]) -> f32[2] {
            %a = nn.gelo(%x) : f32[2]
            %b = nn.silu(%a) : f32[2]
            %c = nn.silu(%missing) : f32[2]
            %d = nn.silu(%c) : f32[2]
            func.return(%d)
          }
          func @g(%x: f31[2]) {
          }
        }
        """);
    assertThat(error.code()).isEqualTo("IR0102");
    assertThat(error.getMessage())
        .contains("t.qir:3:10: no operation 'nn.gelo'")
        .contains("t.qir:5:18: error[IR0103]: value '%missing' is not defined here")
        .contains("t.qir:9:15: error[IR0108]: ");
    assertThat(error.getMessage().split("t\\.qir:", -1)).hasSize(4);
  }

  @Test
  void aFunctionBodyTakesNoArguments() {
    assertThat(errorOf("module @m { func @f() { |%x: f32[]| func.return } }").getMessage())
        .startsWith("t.qir:1:26: the parameters of a function stand behind its name");
  }

  @Test
  void valuesOfARegionAreNotVisibleBehindIt() {
    String text = """
        module @m {
          func @f(%g: f32[3, 1], %x: f32[2]) {
            %r = step.loop(%g, %x) : f32[2] {|%i: i32[], %z: f32[2]|
              step.yield(%z)
            }
            func.return(%z)
          }
        }
        """;
    assertThat(errorOf(text).getMessage()).startsWith("t.qir:6:17: value '%z'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "#a<b = ", "[#a<b = ["})
  void deepNestingIsRefusedWithoutAStackOverflow(String opening) {
    String text = "module @m <a = " + opening.repeat(200_000);
    assertThat(errorOf(text).code()).isEqualTo("IR0104");
  }

  @Test
  void deepRegionsAreRefused() {
    String text = "module @m { func @f() { " + "step.loop { ".repeat(50_000);
    assertThat(errorOf(text).code()).isEqualTo("IR0104");
  }

  @Test
  void nestingUpToTheLimitIsRead() {
    String text = "module @m <a = " + "[".repeat(90) + "]".repeat(90) + "> { }";
    assertThat(IrParser.parse(text, "t.qir", REGISTRY).attributes().has("a")).isTrue();
  }

  @Test
  void manyErrorsAreCutAndCounted() {
    String text = "module @m { func @f() {" + " no.such".repeat(200) + " } }";
    assertThat(errorOf(text).getMessage()).endsWith("and 149 more");
  }

  @Test
  void longLinesAreCutAroundTheError() {
    String text = "module @m <a = \"" + "x".repeat(5000) + "\", b = $> { }";
    String message = errorOf(text).getMessage();
    assertThat(message.length()).isLessThan(500);
    assertThat(message).contains("...").endsWith("^");
  }

  @Test
  void aliasesStandForTypesAndElements() {
    IrModule module = IrParser.parse("""
        // Aliases may use earlier ones of elements only by name.
        !e = q<range = 4, cell = 4, per = group, group = 32, scale = f16>
        !t = f32[2, L]
        module @m { func @f(%x: !t, %y: !e[4, 2; #panel8]) -> !t { func.return(%x) } }
        """, "t.qir", REGISTRY);
    assertThat(module.function("f").parameters().get(0).type().text()).isEqualTo("f32[2, L]");
    assertThat(module.function("f").parameters().get(1).type().text())
        .isEqualTo("q<range = 4, cell = 4, per = group, group = 32, scale = f16>[4, 2; #panel8]");
  }

  @Test
  void typesReadAlone() {
    assertThat(IrParser.parseType("f32[2*L, 3]").text()).isEqualTo("f32[2*L, 3]");
    assertThatThrownBy(() -> IrParser.parseType("f32[2] x")).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> IrParser.parseType("!a")).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> IrParser.parseType("")).isInstanceOf(UserError.class);
  }

  @Test
  void aWordAloneIsTrueAndKeywordsAreWords() {
    IrModule module =
        IrParser.parse("module @m <flag, loc = func, module = loc> { }", "t.qir", REGISTRY);
    assertThat(module.attributes().text()).isEqualTo("<flag = true, loc = func, module = loc>");
  }
}
