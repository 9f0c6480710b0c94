package org.quantcache.codegen.executor;

import java.util.List;
import org.quantcache.codegen.tir.KernelForm;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** What differs between the devices that executors are written for. */
public interface ExecutorTarget {
  /**
   * Classes that the source of an executor names.
   *
   * @param packageName where they are
   * @param executor what executors extend
   * @param context what executors are made with
   * @param launch a kernel with its arguments
   * @param copy a copy from one place of the device to another
   */
  record Words(String packageName, String executor, String context, String launch, String copy) {}

  /** Name in messages. */
  String device();

  Words words();

  /** The type that a weight must have to be read by a product of this device, given the type that it has. */
  TensorType readable(TensorType weight, TensorType multiplied);

  /** Whether activations of 4 bits may share bytes where weights do. */
  boolean readsPairs();

  /** What to do about a weight of another type. */
  String hint();

  /**
   * Notes that a program launches a kernel; equal kernels are one.
   *
   * @param served operation that it serves
   * @param types element kinds of the pointers, in order
   * @return name of its function
   */
  String kernel(Operation served, KernelForm spec, List<ScalarType> types);

  /** Work items of a product with a result of {@code rows} rows, as Java source. */
  String productItems(KernelForm spec, Dim rows);

  /** A size as Java source: {@code 6} or {@code 2 * L}. */
  static String size(Dim dim) {
    return Places.size(dim);
  }

  /** Whether values lie where Java cannot read them, and kernels run later than Java says so. */
  boolean hasOwnMemory();
}
