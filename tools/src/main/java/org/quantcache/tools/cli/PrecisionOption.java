package org.quantcache.tools.cli;

import org.quantcache.ir.types.ScalarType;
import picocli.CommandLine.Option;

/** What the reference device computes in. */
final class PrecisionOption {
  @Option(
      names = "--float64",
      description =
          "Let the reference device hold all values in float64, to see what rounding does.")
  private boolean float64;

  ScalarType element() {
    return float64 ? ScalarType.F64 : ScalarType.F32;
  }
}
