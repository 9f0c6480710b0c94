package org.quantcache.codegen.cpu;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.quantcache.codegen.executor.ExecutorTarget;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.KernelForm;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Executors of the cpu device, and the kernels that they launch. */
final class CpuKernels implements ExecutorTarget {
  private static final Words WORDS = new Words(
      "org.quantcache.kernels.cpu", "CpuExecutor", "CpuContext", "KernelLaunch", "MemoryCopy");

  private final CpuTarget target;
  private final Map<String, KernelSpec> kernels = new LinkedHashMap<>();

  CpuKernels(CpuTarget target) {
    this.target = target;
  }

  /** What was launched, in the order of the first launches. */
  List<KernelSpec> specs() {
    return ImmutableList.copyOf(kernels.values());
  }

  @Override
  public String device() {
    return target.cpu();
  }

  @Override
  public Words words() {
    return WORDS;
  }

  @Override
  public TensorType readable(TensorType weight, TensorType multiplied) {
    return weight.withLayout(
        weight.element() instanceof QuantType
            ? Layout.quad(target.panelWidth())
            : Layout.panel(target.panelWidth()));
  }

  @Override
  public boolean readsPairs() {
    return false;
  }

  @Override
  public String hint() {
    return "lower with panel-width=" + target.panelWidth()
        + ", and let it make all of its rewrites";
  }

  @Override
  public String kernel(Operation served, KernelForm form, List<ScalarType> types) {
    kernels.putIfAbsent(form.functionName(), (KernelSpec) form);
    return form.functionName();
  }

  /** Tiles; a symbolic number of rows is only known at run time. */
  @Override
  public String productItems(KernelForm spec, Dim rows) {
    int tileRows;
    LongUnaryOperator workItems;
    if (spec instanceof IntegerGemmSpec integer) {
      tileRows = integer.tileRows(target);
      workItems = n -> integer.workItems(n, target);
    } else {
      tileRows = target.tileRows();
      workItems = n -> ((GemmSpec) spec).workItems(n, target);
    }
    if (rows.isConstant()) {
      return Long.toString(workItems.applyAsLong(rows.coefficient()));
    }
    return workItems.applyAsLong(1) + " * ((" + ExecutorTarget.size(rows) + " + " + (tileRows - 1)
        + ") / " + tileRows + ")";
  }

  @Override
  public boolean hasOwnMemory() {
    return false;
  }
}
