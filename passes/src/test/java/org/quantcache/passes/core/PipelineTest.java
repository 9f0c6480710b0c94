package org.quantcache.passes.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.pipelines.AllPasses;

class PipelineTest {
  @Test
  void printsItselfBackWithEveryOption() {
    assertThat(
            AllPasses.parse(" fold , specialize{ dead-channels = false },lower").text())
        .isEqualTo(
            "fold,specialize{dead-channels=false,frame-mask=keep,share-halves=true},lower{device=cpu,halves=packed,panel-width=32}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fold",
        "",
        "@none",
        "@none,lower,memory-plan",
        "fuse,lower{panel-width=16},memory-plan{in-place}",
        "specialize{frame-mask=all-true}",
        "fixpoint(fold,fuse)",
        "fold,fixpoint(fold,specialize{share-halves=false}){limit=3},fuse"
      })
  void itsTextGivesTheSamePipeline(String text) {
    String printed = AllPasses.parse(text).text();

    assertThat(AllPasses.parse(printed).text()).isEqualTo(printed);
  }

  @Test
  void anOptionWithoutValueIsTrue() {
    assertThat(AllPasses.parse("memory-plan{in-place}").text())
        .isEqualTo("memory-plan{in-place=true}");
  }

  @Test
  void anEmptyTextIsNoPass() {
    assertThat(AllPasses.parse("  ").steps()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fuze | PA0101 | no pass 'fuze' | did you mean 'fuse'?",
        "fold,,fuse | PA0104 | expected a pass name, found ',' | ''",
        "fold,fuse, | PA0104 | expected a pass name, found the end | ''",
        "fold fuse | PA0104 | expected ',' or the end, found 'f' | ''",
        "fold) | PA0104 | expected ',' or the end, found ')' | ''",
        "lower{panel-width=8 | PA0104 | expected ',' or '}', found the end | ''",
        "lower{panel-width=} | PA0104 | expected a value, found '}' | ''",
        "lower{=8} | PA0104 | expected an option name, found '=' | ''",
        "lower{panel-width=8,panel-width=8} | PA0104 | option 'panel-width' is given twice | ''",
        "lower{panel-with=8} | PA0102 | pass 'lower' has no option 'panel-with' | did you mean 'panel-width'?",
        "fold{x=1} | PA0102 | pass 'fold' has no option 'x' | legal: []",
        "lower{panel-width=3} | PA0103 | is '3', expected a whole number in 4..128 | ''",
        "lower{panel-width=129} | PA0103 | is '129', expected a whole number in 4..128 | ''",
        "lower{panel-width=many} | PA0103 | is 'many', expected a whole number in 4..128 | ''",
        "lower{panel-width=99999999999999999999} | PA0103 | expected a whole number in 4..128 | ''",
        "memory-plan{in-place=yes} | PA0103 | is 'yes', expected one of [true, false] | ''",
        "specialize{frame-mask=on} | PA0103 | is 'on', expected one of [keep, all-true] | ''",
        "@nome | PA0106 | no preset 'nome' | did you mean 'none'?",
        "fixpoint(fold | PA0104 | expected ',' or ')', found the end | ''",
        "fixpoint fold | PA0104 | expected '(', found 'f' | ''",
        "fixpoint(fold){limit=0} | PA0103 | is '0', expected a whole number in 1..1000 | ''",
        "fixpoint(fold){limt=2} | PA0102 | has no option 'limt' | did you mean 'limit'?"
      })
  void refusesWhatItDoesNotKnow(String text, String code, String message, String hint) {
    UserError error = catchThrowableOfType(UserError.class, () -> AllPasses.parse(text));

    assertThat(error).isNotNull();
    assertThat(error.code()).isEqualTo(code);
    assertThat(error.getMessage()).contains(message);
    assertThat(error.hint()).contains(hint);
  }

  @Test
  void aCaretShowsThePlace() {
    UserError error =
        catchThrowableOfType(UserError.class, () -> AllPasses.parse("fold,fuze,lower"));

    assertThat(error.getMessage().lines())
        .containsExactly("no pass 'fuze'", "  fold,fuze,lower", "       ^");
  }

  @Test
  void deepNestingIsRefusedBeforeTheStackIsFull() {
    UserError error =
        catchThrowableOfType(UserError.class, () -> AllPasses.parse("fixpoint(".repeat(100_000)));

    assertThat(error.code()).isEqualTo("PA0104");
    assertThat(error.getMessage()).contains("nested");
  }
}
