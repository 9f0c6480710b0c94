package org.quantcache.ir.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;

/** A recipe of a weight is whole and means something, or it is refused where it is written. */
class WeightRulesTest {
  private static final String W8 = "q<range = 8, cell = 8, per = channel, scale = f32>";

  private static IrModule parse(String attributes) {
    String text = "module @m {\n  weight.def @w <key = \"k\", " + attributes + ">\n}\n";
    return IrParser.parse(text, "recipe", StandardOps.registry());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "columns = \"c\", hadamard = 4, outputs = \"o\", rows = [1, 0], type = f16[2, 8]",
        "outputs = \"o\", type = f32[8]",
        "bits = 8, type = " + W8 + "[2, 8]",
        "bits = 8, clip = 1, columns = \"c\", hadamard = 8, type = " + W8 + "[2, 8; #quad16]",
        "bits = 4, group = 4, type = q<range = 4, cell = 4, per = group, group = 4, scale = f32>[2, 8]",
        "bits = 8, part = scale, type = f32[2]",
        "bits = 8, part = sum, type = i32[2]",
        "bits = 8, clip = 0.5, group = 4, hadamard = 8, part = sum, type = i32[2, 2]"
      })
  void aWholeRecipeIsTaken(String attributes) {
    IrModule module = parse(attributes);
    String text = IrPrinter.print(module);
    assertThat(IrPrinter.print(IrParser.parse(text, "again", StandardOps.registry())))
        .isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "type = " + W8 + "[2, 8]",
        "bits = 4, type = " + W8 + "[2, 8]",
        "bits = 8, type = f32[2, 8]",
        "bits = 8, type = q<range = 8, cell = 8, per = token, scale = f32>[2, 8]",
        "bits = 8, type = " + W8 + "[2, 8; #panel16]",
        "bits = 8, type = " + W8 + "[16]",
        "bits = 1, type = f32[2, 8]",
        "bits = 9, part = scale, type = f32[2]",
        "bits = 8, clip = 0, part = scale, type = f32[2]",
        "bits = 8, clip = 1.5, part = scale, type = f32[2]",
        "bits = 8, part = scale, type = i32[2]",
        "bits = 8, part = sum, type = f32[2]",
        "bits = 8, part = sum, type = i32[2, 1]",
        "bits = 8, group = 4, part = sum, type = i32[2]",
        "bits = 8, group = 0, part = sum, type = i32[2]",
        "bits = 8, part = offset, type = f32[2]",
        "part = scale, type = f32[2]",
        "clip = 0.5, type = f32[2, 8]",
        "group = 4, type = f32[2, 8]",
        "bits = 8, group = 3, type = q<range = 8, cell = 8, per = group, group = 3, scale = f32>[2, 8]",
        "hadamard = 3, type = f32[2, 9]",
        "hadamard = 16, type = f32[2, 8]",
        "hadamard = 0, type = f32[2, 8]",
        "hadamard = 1, type = f32[2, 8]",
        "hadamard = 4, type = f32[8]",
        "columns = \"c\", type = f32[8]",
        "columns = \"c\", type = i32[2, 8]",
        "outputs = \"o\", type = f32[]",
        "type = f32[2, 8; #quad16]"
      })
  void aRecipeThatMeansNothingIsRefused(String attributes) {
    assertThatThrownBy(() -> parse(attributes)).isInstanceOfSatisfying(UserError.class, error -> {
      assertThat(error.code()).as(error.getMessage()).isEqualTo("IR0111");
      assertThat(error.getMessage()).contains("'weight.def'");
    });
  }

  @Test
  void numbersThatAreNoNumbersAreRefused() {
    assertThatThrownBy(() -> parse("bits = true, type = f32[2]"))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("IR0110"));
  }
}
