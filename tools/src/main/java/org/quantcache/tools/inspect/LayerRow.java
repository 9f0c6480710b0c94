package org.quantcache.tools.inspect;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.codegen.bench.Roofline;
import org.quantcache.ir.core.Cost;

/**
 * Operations of one kind at one place of the model, or at equal places of several blocks.
 *
 * @param function that they stand in
 * @param perStep whether they run at every step that is computed, or once
 * @param at location; {@code *} for the number of the block
 * @param op name of the operation
 * @param count how many there are
 * @param weightBits of what a product multiplies with, 0 for what is no product
 * @param activationBits of the other operand of a product
 * @param cost of all of them together, each run once
 * @param kernels that they launch, in order; empty where the artifact does not say
 */
public record LayerRow(
    String function,
    boolean perStep,
    String at,
    String op,
    int count,
    int weightBits,
    int activationBits,
    Cost cost,
    List<String> kernels) {
  private static final int BYTE = 8;

  public LayerRow {
    kernels = ImmutableList.copyOf(kernels);
  }

  /** Microseconds that all of them together are expected to take. */
  double micros(Roofline roofline) {
    return 1e6 * count * roofline.seconds(work(), kind());
  }

  /** {@code work} where arithmetic takes longer, {@code memory} where moving bytes does, nothing for no work. */
  String bound(Roofline roofline) {
    if (cost.flops() == 0 && cost.bytes() == 0) {
      return "-";
    }
    return roofline.computes(work(), kind()) ? "work" : "memory";
  }

  /** Work of one of them. */
  private Roofline.Work work() {
    return new Roofline.Work(cost.flops() / count, cost.bytes() / count);
  }

  /** What its products multiply. */
  private Roofline.Kind kind() {
    return weightBits > 0 && weightBits <= BYTE && activationBits <= BYTE
        ? Roofline.Kind.BYTES
        : Roofline.Kind.FLOATS;
  }

  /** The same for any block. */
  LayerRow anyBlock() {
    return new LayerRow(
        function,
        perStep,
        at.replaceAll("_blocks\\.[0-9]+", "_blocks.*"),
        op,
        count,
        weightBits,
        activationBits,
        cost,
        kernels);
  }

  /** Whether two rows differ in nothing but how often and how much. */
  boolean isLike(LayerRow other) {
    return function.equals(other.function)
        && perStep == other.perStep
        && at.equals(other.at)
        && op.equals(other.op)
        && weightBits == other.weightBits
        && activationBits == other.activationBits
        && kernels.equals(other.kernels);
  }

  LayerRow plus(LayerRow other) {
    return new LayerRow(
        function,
        perStep,
        at,
        op,
        count + other.count,
        weightBits,
        activationBits,
        cost.plus(other.cost),
        kernels);
  }
}
