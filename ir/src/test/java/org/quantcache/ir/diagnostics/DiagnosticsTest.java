package org.quantcache.ir.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.Location;

/** Findings are shown with their place, the source line, notes and hint. */
class DiagnosticsTest {
  private static Diagnostics with(Diagnostic... findings) {
    Diagnostics diagnostics = new Diagnostics();
    diagnostics.addSource("a.qir", "first\r\n\tsecond \u4e16 line\nlast");
    for (Diagnostic finding : findings) {
      diagnostics.add(finding);
    }
    return diagnostics;
  }

  private static Diagnostic error(Location location) {
    return Diagnostic.error(IrCode.SYNTAX, location, "wrong 100%");
  }

  @Test
  void theSourceLineIsShownWithACaret() {
    assertThat(with(error(Location.at("a.qir", 2, 9)).withNote("see there").withHint("try this"))
            .render())
        .isEqualTo("""
            a.qir:2:9: error[IR0101]: wrong 100%
                2 | \tsecond \u4e16 line
                  | \t       ^
            note: see there
            hint: try this""");
  }

  @Test
  void placesBesideTheTextAreShownWithoutALine() {
    assertThat(with(error(Location.at("a.qir", 9, 1))).render())
        .isEqualTo("a.qir:9:1: error[IR0101]: wrong 100%");
    assertThat(with(error(Location.at("b.qir", 1, 1))).render()).doesNotContain("|");
    assertThat(with(error(Location.of("blocks.0"))).render())
        .isEqualTo("blocks.0: error[IR0101]: wrong 100%");
    assertThat(with(error(Location.UNKNOWN)).render()).isEqualTo("error[IR0101]: wrong 100%");
    assertThat(with(error(Location.at("a.qir", 3, 500))).render()).endsWith("|     ^");
  }

  @Test
  void oneErrorKeepsItsCodeAndHint() {
    assertThatThrownBy(() -> with(error(Location.UNKNOWN).withHint("100% sure")).throwIfErrors())
        .isInstanceOfSatisfying(UserError.class, thrown -> {
          assertThat(thrown.code()).isEqualTo("IR0101");
          assertThat(thrown.hint()).isEqualTo("100% sure");
          assertThat(thrown.getMessage()).isEqualTo("wrong 100%");
        });
  }

  @Test
  void severalErrorsShowTheirHintsInPlace() {
    Diagnostics diagnostics =
        with(error(Location.UNKNOWN).withHint("one"), error(Location.of("b")).withHint("two"));
    assertThatThrownBy(diagnostics::throwIfErrors)
        .hasMessage("wrong 100%\nhint: one\nb: error[IR0101]: wrong 100%\nhint: two");
  }

  @Test
  void warningsDoNotFail() {
    Diagnostics diagnostics =
        with(new Diagnostic("IR0101", Severity.WARNING, Location.UNKNOWN, "odd", List.of(), ""));
    assertThatCode(diagnostics::throwIfErrors).doesNotThrowAnyException();
    assertThat(diagnostics.render()).isEqualTo("warning[IR0101]: odd");
    assertThat(diagnostics.errors()).isEmpty();
    assertThat(diagnostics.all()).hasSize(1);
  }

  @Test
  void textThatDoesNotPrintIsNotPassedOn() {
    Diagnostics diagnostics = new Diagnostics();
    diagnostics.addSource("a", "x\u001b[31m");
    diagnostics.add(error(Location.at("a", 1, 1)));
    assertThat(diagnostics.render()).doesNotContain("\u001b").contains("\ufffd");
  }
}
