package org.quantcache.tools.gpu;

import java.util.List;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/**
 * Small programs that together hold every family of kernels, at odd sizes and at sizes that fill whole tiles, with
 * activations of 32 and of 16 bits. Rows are a size of each run.
 */
public final class KernelPrograms {
  /** The most rows of a run, in each of two samples of three frames. */
  static final int MOST_ROWS = 24;

  private static final List<String> KINDS = List.of("f32", "bf16");

  /**
   * A function of the module.
   *
   * @param tolerance largest distance from the reference device, over the largest number of the row; 0 asks for the
   *     same bits
   */
  public record Program(String name, double tolerance) {}

  private KernelPrograms() {}

  /** What there is to run, in order. */
  public static List<Program> all() {
    return written().programs();
  }

  /** All of it, not yet lowered. */
  public static IrModule module() {
    return IrParser.parse(written().text(), "kernels.qir", StandardOps.registry());
  }

  private static ProgramText written() {
    ProgramText text = new ProgramText();
    ProductPrograms products = new ProductPrograms(text);
    LoopPrograms loops = new LoopPrograms(text);
    for (String kind : KINDS) {
      boolean halves = kind.equals("bf16");
      double plain = halves ? Tolerances.HALVES : Tolerances.FLOATS;
      double attention = halves ? Tolerances.HALF_ATTENTION : Tolerances.FLOATS;
      products.floats(kind, plain);
      new AttentionPrograms(text).all(kind, attention);
      RowPrograms rows = new RowPrograms(text);
      rows.norms(kind, plain);
      rows.roundings(kind);
      TensorPrograms tensors = new TensorPrograms(text);
      tensors.movements(kind, plain);
      tensors.ends(kind, 33, plain);
      tensors.ends(kind, 1152, plain);
      loops.guarded(kind, attention);
    }
    products.integers();
    for (int weightBits : new int[] {16, 8, 4}) {
      loops.probed(weightBits, 8, 64);
      loops.probed(weightBits, 424, 672);
    }
    return text;
  }
}
