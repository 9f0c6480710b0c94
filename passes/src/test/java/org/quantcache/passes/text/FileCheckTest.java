package org.quantcache.passes.text;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCheckTest {
  private static final String OUTPUT =
      "func @f\n  %a = one(%x)\n  %b = two(%a,  %a)\n  %c = one(%b)\n  return(%c)\n";

  private static void check(String checks) {
    StringBuilder file = new StringBuilder();
    for (String line : checks.split(";")) {
      file.append("// CHECK").append(line.strip()).append('\n');
    }
    FileCheck.check(OUTPUT, CheckLine.of(file.toString(), 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ": two",
        "-LABEL: @f; -NEXT: one; -NEXT: two",
        ": one; : one",
        "-COUNT-2: one; : return",
        ": %[[A:\\w+]] = one; : two(%[[A]], %[[A]])",
        ": two; -SAME: (%a, %a)",
        ": = two(%a, %a)",
        "-NOT: three; : return",
        ": return; -NOT: one",
        "-DAG: two; -DAG: %a = one; : return",
        ": two(%[[A:\\w+]], %[[A]])",
        ": {{o.e}}(%b)"
      })
  void acceptsWhatIsThere(String checks) {
    assertThatCode(() -> check(checks)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ": three",
        "-LABEL: @f; -NEXT: two",
        ": two; : two",
        "-COUNT-3: one",
        ": %[[A:\\w+]] = two; : return(%[[A]])",
        ": two; -SAME: one",
        "-NOT: two; : return",
        ": two; -NOT: return",
        "-DAG: two; -DAG: three",
        ": {{o+e}}"
      })
  void refusesWhatIsNotThere(String checks) {
    assertThatThrownBy(() -> check(checks))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("line ");
  }

  @ParameterizedTest
  @ValueSource(strings = {": [[B]]", "-COUNT: one", "-NEXT:"})
  void refusesChecksThatMeanNothing(String checks) {
    assertThatThrownBy(() -> check(checks)).isInstanceOf(IllegalArgumentException.class);
  }
}
