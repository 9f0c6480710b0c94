package org.quantcache.kernels.reference;

import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/** The meaning of one kind of operation. */
@FunctionalInterface
interface Kernel {
  /** Computes the results. */
  List<Tensor> run(Call call);

  /**
   * One execution.
   *
   * @param inputs operands
   * @param attributes of the operation
   * @param resultSizes sizes of the results, symbols replaced
   * @param results element kinds of the results
   */
  record Call(
      List<Tensor> inputs,
      Attributes attributes,
      List<List<Long>> resultSizes,
      List<ScalarType> results) {
    Tensor input(int index) {
      return inputs.get(index);
    }

    /** Element kind of the first result. */
    ScalarType element() {
      return results.get(0);
    }

    List<Long> sizes() {
      return resultSizes.get(0);
    }
  }
}
