package org.quantcache.ir.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.testing.IrGenerator;
import org.quantcache.ir.text.IrPrinter.Options;
import org.quantcache.ir.verify.Verifier;

/** Damaged text is read or refused with a code; whatever is read prints and reads back the same. */
class ParserFuzzTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final String[] PIECES = {
    "<",
    ">",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "|",
    ",",
    ":",
    ";",
    "=",
    "*",
    "%x",
    "@w",
    "#row",
    "!t",
    "loc",
    "module @m",
    "func",
    "f32[2]",
    "-1",
    "9999999999999999999",
    "1.5",
    "\"",
    "\\",
    "//",
    "nn.gelu",
    "nan",
    "-inf",
    "q<range = 4>",
    "\u0000",
    "\ud83d\ude00"
  };

  @Test
  void damagedTextIsReadOrRefused() {
    fuzz(1, 600);
  }

  @Test
  @Tag("slow")
  void muchDamagedTextIsReadOrRefused() {
    fuzz(2, 20_000);
  }

  private static void fuzz(long seed, int rounds) {
    SplittableRandom random = new SplittableRandom(seed);
    int read = 0;
    for (int round = 0; round < rounds; round++) {
      String text =
          damaged(random, IrPrinter.print(IrGenerator.module(round % 50), Options.WITH_LOCATIONS));
      try {
        IrModule module = IrParser.parse(text, "f.qir", REGISTRY);
        read++;
        requireReadsBack(module);
      } catch (UserError refused) {
        assertThat(refused.code()).as(text).startsWith("IR01");
        assertThat(refused.getMessage()).as(text).startsWith("f.qir:");
      }
    }
    assertThat(read).as("texts that were still modules").isBetween(rounds / 50, rounds * 9 / 10);
  }

  private static void requireReadsBack(IrModule module) {
    assertThat(Verifier.standard().verify(module).all()).doesNotContainNull();
    String printed = IrPrinter.print(module, Options.WITH_LOCATIONS);
    IrModule again = IrParser.parse(printed, "f.qir", REGISTRY);
    assertThat(IrPrinter.print(again, Options.WITH_LOCATIONS)).isEqualTo(printed);
  }

  private static String damaged(SplittableRandom random, String text) {
    return random.nextBoolean() ? damagedBytes(random, text) : damagedPieces(random, text);
  }

  private static String damagedBytes(SplittableRandom random, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    int keep = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
    return new String(Arrays.copyOf(bytes, keep), StandardCharsets.UTF_8);
  }

  private static String damagedPieces(SplittableRandom random, String text) {
    StringBuilder out = new StringBuilder(text);
    int from = random.nextInt(out.length());
    int to = Math.min(out.length(), from + random.nextInt(12));
    switch (random.nextInt(3)) {
      case 0 -> out.delete(from, to);
      case 1 -> out.insert(from, PIECES[random.nextInt(PIECES.length)]);
      default -> out.replace(from, to, PIECES[random.nextInt(PIECES.length)]);
    }
    return out.toString();
  }
}
