package org.quantcache.passes.stack;

import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.QuantType.Granularity;
import org.quantcache.passes.calibration.NoiseFloor;

/** The products of a loop that compute on small whole numbers. */
public final class RoundedProducts {
  private RoundedProducts() {}

  /** Their mean bits, each product counted by the elements of its weight; empty when there is none. */
  public static Optional<NoiseFloor.Bits> bits(IrModule module, Operation loop) {
    double[] sums = new double[3];
    Granularity[] coarsest = {Granularity.TOKEN};
    loop.regions().get(0).walk(op -> {
      if (op.is(QuantOps.LINEAR)) {
        QuantType activation = (QuantType) op.operand(0).type().element();
        QuantType weight = (QuantType) op.operand(QuantOps.WEIGHT).type().element();
        double elements = op.operand(QuantOps.WEIGHT).type().elements().evaluate(module::bound);
        sums[0] += elements;
        sums[1] += elements * weight.rangeBits();
        sums[2] += elements * activation.rangeBits();
        if (activation.granularity() == Granularity.TENSOR) {
          coarsest[0] = Granularity.TENSOR;
        }
      }
    });
    return sums[0] == 0
        ? Optional.empty()
        : Optional.of(new NoiseFloor.Bits(sums[1] / sums[0], sums[2] / sums[0], coarsest[0]));
  }
}
