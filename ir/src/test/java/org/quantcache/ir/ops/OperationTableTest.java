package org.quantcache.ir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.diagnostics.IrCode;

/**
 * The tables of operations and of codes in the documents are made from the registry and the enum. With {@code
 * -Dqcc.golden=update} stale ones are rewritten.
 */
class OperationTableTest {
  @Test
  void theTableOfOperationsIsUpToDate() throws IOException {
    StringBuilder text = new StringBuilder(
        "# Operations\n\nMade from the registry; `" + "mvn -pl ir test"
            + " -Dtest=OperationTableTest -Dqcc.golden=update` rewrites it.\nEvery operation also takes `at`, the places"
            + " of its results in the arena.\n\n| operation | operands | attributes | meaning |\n| --- | --- | --- | --- |\n");
    for (OpDef definition : StandardOps.registry().all()) {
      text.append("| `").append(definition.name()).append("` | ").append(operands(definition));
      text.append(" | ").append(attributes(definition)).append(" | ");
      text.append(definition.summary().replace("|", "\\|")).append(" |\n");
    }
    requireUpToDate(Path.of("OPS.md"), text.toString());
  }

  @Test
  void theTableOfCodesIsUpToDate() throws IOException {
    StringBuilder text = new StringBuilder(
        "# Codes of module ir\n\nMade from `IrCode`.\n\n| code | meaning |\n| --- | --- |\n");
    for (IrCode code : IrCode.values()) {
      text.append("| ").append(code.code()).append(" | ").append(code.meaning()).append(" |\n");
    }
    requireUpToDate(Path.of("CODES.md"), text.toString());
  }

  @Test
  void codesAreUniqueAndInOrder() {
    List<String> codes = new ArrayList<>();
    for (IrCode code : IrCode.values()) {
      codes.add(code.code());
    }
    assertThat(codes)
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(c -> c.matches("IR0[123][0-9]{2}"));
  }

  private static String operands(OpDef definition) {
    int least = definition.leastOperands();
    int most = definition.mostOperands();
    if (least == most) {
      return Integer.toString(least);
    }
    return most == OpDef.ANY ? least + " or more" : least + " to " + most;
  }

  private static String attributes(OpDef definition) {
    List<String> out = new ArrayList<>();
    for (OpDef.AttributeSpec spec : definition.attributes().values()) {
      if (!spec.name().equals("at")) {
        out.add("`" + spec.name() + "`" + (spec.required() ? "" : "?") + " " + spec.summary());
      }
    }
    return String.join("; ", out);
  }

  private static void requireUpToDate(Path file, String expected) throws IOException {
    if (System.getProperty("qcc.golden", "").equals("update")) {
      Files.writeString(file, expected, StandardCharsets.UTF_8);
    }
    assertThat(Files.readString(file, StandardCharsets.UTF_8)).isEqualTo(expected);
  }
}
