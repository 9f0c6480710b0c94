package org.quantcache.tools.layers;

import java.nio.file.Path;
import java.util.Map;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Compares builds and files of values.
 *
 * @param inputs tensors by name, of both builds
 * @param steps of the loop
 * @param decisions how guards of both decide
 * @param progress told of each step of A
 */
public record ComparedLayers(
    Map<String, Tensor> inputs, int steps, DecisionMode decisions, StepObserver progress) {
  /** Two builds; A counts as right. */
  public LayerComparison builds(String nameA, LayerSource a, String nameB, LayerSource b) {
    return LayerComparison.of(
        nameA, a.side(run(), progress), nameB, b.side(run(), StepObserver.NONE));
  }

  /** Values of a file, which count as right, and a build. @throws org.quantcache.ir.diagnostics.UserError IM01xx */
  public LayerComparison fileAndBuild(Path a, String nameB, LayerSource b) {
    try (FileSide file = new FileSide(a)) {
      return LayerComparison.of(a.toString(), file, nameB, b.side(run(), progress));
    }
  }

  /** A build, which counts as right, and values of a file. @throws org.quantcache.ir.diagnostics.UserError IM01xx */
  public LayerComparison buildAndFile(String nameA, LayerSource a, Path b) {
    try (FileSide file = new FileSide(b)) {
      return LayerComparison.of(nameA, a.side(run(), progress), b.toString(), file);
    }
  }

  private Run run() {
    return new Run(inputs, steps, decisions);
  }
}
