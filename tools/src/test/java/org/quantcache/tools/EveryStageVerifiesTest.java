package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.ir.verify.Verifier;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** A lifted model is valid as lifted and after every pass, and its text reads back as the same module. */
class EveryStageVerifiesTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();

  static Stream<String> cases() {
    return Stream.concat(GoldenCase.FORWARD.stream(), GoldenCase.SAMPLE.stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyStageIsValidAndReadsBack(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint()) {
      IrModule module = golden.lift(checkpoint);
      requireSound(module);
      for (String pass :
          List.of("fold", "specialize", "hoist", "fuse", "fold", "lower", "memory-plan")) {
        new PassManager(REGISTRY, List.of()).run(AllPasses.parse(pass), module);
        requireSound(module);
      }
    }
  }

  private static void requireSound(IrModule module) {
    Verifier.standard().require(module);
    String text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    IrModule read = IrParser.parse(text, "dump.qir", REGISTRY);
    Verifier.standard().require(read);
    assertThat(IrPrinter.print(read, IrPrinter.Options.WITH_LOCATIONS)).isEqualTo(text);
  }
}
