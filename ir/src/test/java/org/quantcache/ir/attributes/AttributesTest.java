package org.quantcache.ir.attributes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attributes keep name order, whatever order they came in, and say what is wrong with them. */
class AttributesTest {
  @Test
  void theOrderOfInsertionDoesNotShow() {
    List<String> names = new ArrayList<>(List.of("b", "a", "Z", "_", "a1", "aa"));
    String expected = "<Z = 1, _ = 1, a = 1, a1 = 1, aa = 1, b = 1>";
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      Collections.shuffle(names, random);
      Map<String, Attribute> map = new LinkedHashMap<>();
      names.forEach(name -> map.put(name, Attribute.of(1)));
      assertThat(Attributes.of(map).text()).isEqualTo(expected);
    }
  }

  @Test
  void anotherKindThanAskedForIsNamed() {
    Attributes attributes = Attributes.of("a", Attribute.word("x"));
    assertThatThrownBy(() -> attributes.integer("a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attribute 'a' must be a whole number, found x");
    assertThatThrownBy(() -> attributes.longs("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> attributes.string("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> attributes.real("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> attributes.type("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> attributes.symbol("a")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "1", "a.b", "\u00e4", "a\n"})
  void namesThatDoNotReadBackAreRefused(String name) {
    assertThatThrownBy(() -> Attributes.of(name, Attribute.of(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Attribute.word(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain", "\"\\\n\r\t", "\u0000\u001b", "\ud83d\ude00", "\ud83d", "\u2028\u202e"
      })
  void quotedTextsReadBack(String text) {
    String quoted = QuotedText.quote(text);
    assertThat(QuotedText.unquote(quoted)).isEqualTo(text);
    assertThat(quoted.chars()).noneMatch(c -> c < ' ' || c == 0x2028 || c == 0x202e);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\"", "a", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\\"", "\"a\"b\""})
  void badlyQuotedTextsAreRefused(String text) {
    assertThatThrownBy(() -> QuotedText.unquote(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
