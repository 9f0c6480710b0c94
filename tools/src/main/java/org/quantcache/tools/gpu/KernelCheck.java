package org.quantcache.tools.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.Programs;

/** Every program of {@link KernelPrograms} on the cuda device against the reference device, which runs the same text. */
public final class KernelCheck {
  private static final int STEPS = 5;

  /** Values of the sizes R and L: a single row and token; some rows of a tile and text of an odd length; full tiles. */
  private static final List<Map<String, Long>> SIZES = List.of(
      Map.of("R", 1L, "L", 1L, "N", (long) STEPS),
      Map.of("R", 7L, "L", 67L, "N", (long) STEPS),
      Map.of("R", (long) KernelPrograms.MOST_ROWS, "L", 99L, "N", (long) STEPS));

  private KernelCheck() {}

  /**
   * Runs them all.
   *
   * @param artifact what {@link CheckFiles} wrote
   * @param each told of every result as it is there
   * @throws UserError what loading programs of the cuda device throws
   */
  public static void run(ArtifactReader artifact, Consumer<CheckResult> each) {
    IrModule module = Programs.module(artifact);
    SeededWeights weights = new SeededWeights(module);
    for (KernelPrograms.Program program : KernelPrograms.all()) {
      try (Program found = CudaProgram.load(artifact, program.name());
          Program expected = new ReferenceProgram(module, program.name(), weights)) {
        each.accept(check(program, found, expected));
      }
    }
  }

  private static CheckResult check(
      KernelPrograms.Program program, Program device, Program reference) {
    Map<String, RowDistance> worst = new LinkedHashMap<>();
    long seed = program.name().hashCode();
    for (Map<String, Long> sizes : SIZES) {
      Map<String, Tensor> inputs = ProgramInputs.of(reference.signature(), sizes, seed++);
      Map<String, Tensor> found = device.run(inputs, STEPS, StepObserver.NONE);
      reference
          .run(inputs, STEPS, StepObserver.NONE)
          .forEach((name, tensor) -> worst.merge(
              name,
              RowDistance.of(found.get(name), tensor),
              (a, b) -> a.value() >= b.value() ? a : b));
    }
    RowDistance farthest =
        worst.values().stream().reduce((a, b) -> a.value() >= b.value() ? a : b).orElseThrow();
    return new CheckResult(
        program.name(), farthest.value() <= program.tolerance(), farthest.text());
  }
}
