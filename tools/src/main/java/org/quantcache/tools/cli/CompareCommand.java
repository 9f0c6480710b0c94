package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "How far the tensors of one file are from those of another.")
final class CompareCommand extends Verb {
  @Parameters(index = "0", paramLabel = "FILE", description = "Tensors to judge.")
  private Path found;

  @Parameters(index = "1", paramLabel = "REFERENCE", description = "Tensors to judge them by.")
  private Path expected;

  @Option(
      names = "--max",
      paramLabel = "BOUND",
      description = "Fail when a relative L2 is above this bound.")
  private Double bound;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /**
   * One tensor.
   *
   * @param relativeL2 norm of the difference over the norm of the reference
   * @param maxError largest absolute difference
   * @param psnrDb 10 log10(peak^2 / mean squared error), peak the span of the reference; infinite when equal
   */
  record Row(String tensor, double relativeL2, double maxError, double psnrDb) {}

  @Override
  void execute() {
    Map<String, Tensor> a = TensorFile.read(found);
    Map<String, Tensor> b = TensorFile.read(expected);
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, Tensor> entry : b.entrySet()) {
      Tensor other = a.get(entry.getKey());
      if (other == null) {
        throw UserError.of("CL0501", "%s holds no tensor '%s'", found, entry.getKey());
      }
      if (!other.sizes().equals(entry.getValue().sizes())) {
        throw UserError.of(
            "CL0502",
            "tensor '%s' has sizes %s and %s",
            entry.getKey(),
            other.sizes(),
            entry.getValue().sizes());
      }
      rows.add(row(entry.getKey(), other, entry.getValue()));
    }
    if (json) {
      printJson(rows);
    } else {
      out()
          .printf(
              Locale.ROOT,
              "%-32s %12s %12s %9s%n",
              "tensor",
              "relative L2",
              "max error",
              "PSNR dB");
      rows.forEach(r -> out()
          .printf(
              Locale.ROOT,
              "%-32s %12.3e %12.3e %9.2f%n",
              r.tensor(),
              r.relativeL2(),
              r.maxError(),
              r.psnrDb()));
    }
    rows.stream()
        .filter(r -> bound != null && !(r.relativeL2() <= bound))
        .findFirst()
        .ifPresent(r -> {
          throw UserError.of(
              "CL0503",
              "tensor '%s' is %.3e away in relative L2, the bound is %.3e",
              r.tensor(),
              r.relativeL2(),
              bound);
        });
  }

  private static Row row(String name, Tensor a, Tensor b) {
    double squares = 0;
    double norm = 0;
    double most = 0;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < b.count(); i++) {
      double difference = a.get(i) - b.get(i);
      squares += difference * difference;
      norm += b.get(i) * b.get(i);
      most = Math.max(most, Math.abs(difference));
      low = Math.min(low, b.get(i));
      high = Math.max(high, b.get(i));
    }
    double peak = high - low;
    double psnr = 10 * Math.log10(peak * peak * b.count() / squares);
    return new Row(name, Math.sqrt(squares / Math.max(norm, Double.MIN_NORMAL)), most, psnr);
  }
}
