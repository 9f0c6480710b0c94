package org.quantcache.ir.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.testing.IrGenerator;
import org.quantcache.ir.text.IrPrinter.Options;
import org.quantcache.ir.verify.Verifier;

/** What is printed reads back as the same module and prints as the same text. */
class TextRoundTripTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final int MODULES = 300;

  @Test
  void printedModulesReadBackAndPrintTheSame() {
    for (long seed = 0; seed < MODULES; seed++) {
      IrModule module = IrGenerator.module(seed);
      for (Options options : List.of(Options.PLAIN, Options.WITH_LOCATIONS, Options.CANONICAL)) {
        String text = IrPrinter.print(module, options);
        IrModule read = IrParser.parse(text, "generated.qir", REGISTRY);
        assertThat(IrPrinter.print(read, options)).as("seed %d", seed).isEqualTo(text);
        assertThat(IrPrinter.print(read, Options.CANONICAL))
            .as("seed %d", seed)
            .isEqualTo(IrPrinter.print(module, Options.CANONICAL));
      }
    }
  }

  @Test
  void theExampleOfTheDocumentIsValid() throws IOException {
    String document = Files.readString(Path.of("README.md"), StandardCharsets.UTF_8);
    String section = document.substring(document.indexOf("## Text form"));
    String example = section.split("```", -1)[1];
    IrModule module = IrParser.parse(example, "README.md", REGISTRY);
    assertThat(Verifier.standard().verify(module).render()).isEmpty();
  }

  @Test
  void locationsReadBackWithTheirPlaceInTheText() {
    for (long seed = 0; seed < 20; seed++) {
      IrModule module = IrGenerator.module(seed);
      String text = IrPrinter.print(module, Options.WITH_LOCATIONS);
      IrModule read = IrParser.parse(text, "a.qir", REGISTRY);
      List<Operation> before = module.functions().get(0).body().operations();
      List<Operation> after = read.functions().get(0).body().operations();
      for (int i = 0; i < before.size(); i++) {
        Location location = after.get(i).location();
        assertThat(location.paths()).isEqualTo(before.get(i).location().paths());
        assertThat(location.file()).isEqualTo("a.qir");
        assertThat(text.split("\n", -1)[location.line() - 1].substring(location.column() - 1))
            .startsWith(before.get(i).name());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab", "de-DE", "th-TH-u-nu-thai"})
  void textDoesNotDependOnTheLocale(String tag) {
    IrModule module = IrGenerator.module(7);
    String expected = IrPrinter.print(module, Options.WITH_LOCATIONS);
    Locale saved = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(tag));
    try {
      assertThat(IrPrinter.print(module, Options.WITH_LOCATIONS)).isEqualTo(expected);
      IrModule read = IrParser.parse(expected, "a.qir", REGISTRY);
      assertThat(IrPrinter.print(read, Options.WITH_LOCATIONS)).isEqualTo(expected);
    } finally {
      Locale.setDefault(saved);
    }
  }
}
