package org.quantcache.ir.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.testing.IrGenerator;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;

/** What is written as JSON reads back as the same module; anything else is refused with its path. */
class IrJsonTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();

  @Test
  void writtenModulesReadBackTheSame() {
    for (long seed = 0; seed < 300; seed++) {
      IrModule module = IrGenerator.module(seed);
      String json = IrJson.write(module);
      IrModule read = IrJson.read(json, REGISTRY);
      assertThat(IrPrinter.print(read, IrPrinter.Options.WITH_LOCATIONS))
          .as("seed %d", seed)
          .isEqualTo(IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS));
      assertThat(IrJson.write(read)).as("seed %d", seed).isEqualTo(json);
    }
  }

  @Test
  void theFormIsFixed() {
    IrModule module = IrParser.parse("""
        module @m <flag = true, odd = [nan, 1.5, 2, "t", tanh, @s, f32[2], #g<a = 1>]> {
          weight.def @w <key = "k", type = f16[2, 2]>
          func @f(%x: f32[2, 2]) -> f32[2, 2] {
            %w = weight.get <weight = @w> : f16[2, 2] loc("fc")
            %0 = nn.linear(%x, %w) : f32[2, 2]
            func.return(%0)
          }
        }
        """, "t.qir", REGISTRY);
    assertThat(IrJson.write(module).replaceAll("\\s+", " "))
        .isEqualTo(
            "{ \"qir\" : 1, \"name\" : \"m\", \"attributes\" : { \"flag\" : true, \"odd\" : [ {"
                + " \"float\" : \"nan\" }, 1.5, 2, \"t\", { \"word\" : \"tanh\" }, { \"symbol\" : \"s\" }, {"
                + " \"type\" : \"f32[2]\" }, { \"struct\" : \"g\", \"fields\" : { \"a\" : 1 } } ] },"
                + " \"globals\" : [ { \"op\" : \"weight.def\", \"symbol\" : \"w\", \"attributes\" : { \"key\" :"
                + " \"k\", \"type\" : { \"type\" : \"f16[2, 2]\" } } } ], \"functions\" : [ { \"name\" : \"f\","
                + " \"parameters\" : [ { \"value\" : 0, \"name\" : \"x\", \"type\" : \"f32[2, 2]\" } ],"
                + " \"results\" : [ \"f32[2, 2]\" ], \"body\" : [ { \"op\" : \"weight.get\", \"attributes\" : {"
                + " \"weight\" : { \"symbol\" : \"w\" } }, \"results\" : [ { \"value\" : 1, \"name\" : \"w\","
                + " \"type\" : \"f16[2, 2]\" } ], \"locations\" : [ \"fc\" ] }, { \"op\" : \"nn.linear\","
                + " \"operands\" : [ 0, 1 ], \"results\" : [ { \"value\" : 2, \"type\" : \"f32[2, 2]\" } ] }, {"
                + " \"op\" : \"func.return\", \"operands\" : [ 2 ] } ] } ] } ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        "IR0120 | ``",
        "IR0120 | {",
        "IR0120 | {} {}",
        "IR0120 | {'qir': 1, 'qir': 1}",
        "IR0120 | {'qir': NaN}",
        "IR0121 | []",
        "IR0121 | 3",
        "IR0121 | null",
        "IR0121 | {}",
        "IR0121 | {'qir': 2, 'name': 'm', 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [], 'more': 1}",
        "IR0121 | {'qir': 1, 'name': 'no name', 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 3, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': {}, 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a b': 1}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': null}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': {'word': 'a b'}}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': {'float': '1'}}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': {'type': 'f32'}}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': {}}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': 9223372036854775808}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'attributes': {'a': 1e999}, 'globals': [], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [{'op': 'no.such'}], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [{'op': 'func.return'}], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [{'op': 'weight.def', 'symbol': 'w'}], 'functions': []}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [{'name': 'f'}]}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [{'name': 'f', 'body': []}, {'name': 'f',"
            + " 'body': []}]}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [{'name': 'f', 'body': [{'op': 'func.return',"
            + " 'operands': [0]}]}]}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [{'name': 'f', 'body': [{'op': 'func.return',"
            + " 'results': [{'value': 0, 'type': 'f32[]'}]}]}]}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [{'name': 'f', 'body': [], 'parameters':"
            + " [{'value': 0, 'type': 'f32[]'}, {'value': 0, 'type': 'f32[]'}]}]}",
        "IR0121 | {'qir': 1, 'name': 'm', 'globals': [], 'functions': [{'name': 'f', 'body': [{'op': 'func.return',"
            + " 'regions': [{'name': '', 'body': []}]}]}]}",
      })
  void otherTextIsRefused(String code, String json) {
    assertThatThrownBy(() -> IrJson.read(json == null ? "" : json.replace('\'', '"'), REGISTRY))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo(code));
  }

  @Test
  void errorsNameThePathOfThePart() {
    String json =
        "{\"qir\": 1, \"name\": \"m\", \"globals\": [], \"functions\": [{\"name\": \"f\", \"body\": [{\"op\": 3}]}]}";
    assertThatThrownBy(() -> IrJson.read(json, REGISTRY))
        .hasMessage("at /functions/0/body/0/op: a string is expected, found number");
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(100_000);
    String json = "{\"qir\": 1, \"name\": \"m\", \"attributes\": {\"a\": " + deep;
    assertThatThrownBy(() -> IrJson.read(json, REGISTRY))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("IR0120"));
  }

  @Test
  void damagedTextIsRefusedOrReadAndNothingElse() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder(IrJson.write(IrGenerator.module(round % 40)));
      int changes = 1 + random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, "{}[]\",:0123456789.e-tfn".charAt(random.nextInt(23)));
          default -> text.setCharAt(at, (char) (32 + random.nextInt(95)));
        }
      }
      try {
        IrModule read = IrJson.read(text.toString(), REGISTRY);
        assertThat(IrPrinter.print(read)).isNotEmpty();
      } catch (UserError expected) {
        assertThat(expected.code()).startsWith("IR012");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab"})
  void jsonDoesNotDependOnTheLocale(String tag) {
    String expected = IrJson.write(IrGenerator.module(11));
    Locale saved = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(tag));
    try {
      assertThat(IrJson.write(IrGenerator.module(11))).isEqualTo(expected);
    } finally {
      Locale.setDefault(saved);
    }
  }
}
