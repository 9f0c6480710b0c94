package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.quantcache.codegen.executor.CastForm;
import org.quantcache.codegen.executor.ExecutorTarget;
import org.quantcache.codegen.executor.FinalStepForm;
import org.quantcache.codegen.executor.KeyedAttentionForm;
import org.quantcache.codegen.executor.KeysForm;
import org.quantcache.codegen.executor.PatchEmbedForm;
import org.quantcache.codegen.executor.TotalForm;
import org.quantcache.codegen.tir.CompareSpec;
import org.quantcache.codegen.tir.CopySpec;
import org.quantcache.codegen.tir.CrossAttentionSpec;
import org.quantcache.codegen.tir.ElementwiseSpec;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GridSpec;
import org.quantcache.codegen.tir.GuidedStepSpec;
import org.quantcache.codegen.tir.HistorySpec;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.KernelForm;
import org.quantcache.codegen.tir.NormSpec;
import org.quantcache.codegen.tir.ProbeSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.pack.TilePacker;

/** Executors of the cuda device, and the kernels that they launch. */
final class CudaKernels implements ExecutorTarget {
  private static final Words WORDS = new Words(
      "org.quantcache.kernels.cuda", "CudaExecutor", "CudaContext", "CudaLaunch", "DeviceCopy");

  /** The kernel of a specification, for pointers to elements of some kinds. */
  @FunctionalInterface
  private interface Form<S> {
    /** @param rows of the result, {@link ProductKernels#MANY_ROWS} where that is no constant */
    CudaKernel of(S spec, List<ScalarType> types, long rows);
  }

  private static final Map<Class<?>, Form<KernelForm>> FORMS = forms();

  private final Map<String, CudaKernel> kernels = new TreeMap<>();
  private final Map<String, List<String>> serves = new TreeMap<>();

  private static Map<Class<?>, Form<KernelForm>> forms() {
    Map<Class<?>, Form<KernelForm>> out = new LinkedHashMap<>();
    out.put(GemmSpec.class, (spec, types, rows) -> ProductKernels.of((GemmSpec) spec, types, rows));
    out.put(
        IntegerGemmSpec.class,
        (spec, types, rows) -> ProductKernels.of((IntegerGemmSpec) spec, types, rows));
    put(out, SelfAttentionSpec.class, AttentionKernels::of);
    put(out, CrossAttentionSpec.class, AttentionKernels::of);
    put(out, QuantRowsSpec.class, RowKernels::of);
    put(out, GridSpec.class, RowKernels::of);
    put(out, NormSpec.class, RowKernels::of);
    put(out, ElementwiseSpec.class, ElementKernels::of);
    put(out, CopySpec.class, ElementKernels::of);
    put(out, HistorySpec.class, ElementKernels::of);
    put(out, GuidedStepSpec.class, ElementKernels::of);
    put(out, CastForm.class, ElementKernels::of);
    put(out, KeysForm.class, AttentionKernels::of);
    put(out, KeyedAttentionForm.class, AttentionKernels::of);
    put(out, PatchEmbedForm.class, LatentKernels::of);
    put(out, FinalStepForm.class, LatentKernels::of);
    put(out, ProbeSpec.class, MeasureKernels::of);
    put(out, CompareSpec.class, MeasureKernels::of);
    put(out, TotalForm.class, MeasureKernels::of);
    return out;
  }

  private static <S extends KernelForm> void put(
      Map<Class<?>, Form<KernelForm>> out,
      Class<S> kind,
      BiFunction<S, List<ScalarType>, CudaKernel> form) {
    out.put(kind, (spec, types, rows) -> form.apply(kind.cast(spec), types));
  }

  /** What was launched, in the order of names. */
  Collection<CudaKernel> kernels() {
    return kernels.values();
  }

  /** The source of what was launched. */
  String source() {
    return CudaSource.of(kernels.values(), serves);
  }

  @Override
  public String device() {
    return "cuda";
  }

  @Override
  public Words words() {
    return WORDS;
  }

  @Override
  public TensorType readable(TensorType weight, TensorType multiplied) {
    if (weight.element() instanceof QuantType quantized) {
      Layout ofGroups = quantized.cellBits() == 4 ? Layout.PAIR : Layout.ROW;
      return weight.withLayout(TilePacker.isFor(weight) ? Layout.TILE : ofGroups);
    }
    return multiplied.element() == ScalarType.F32
        ? weight.withLayout(Layout.ROW)
        : weight.withElement(multiplied.element()).withLayout(Layout.TILE);
  }

  @Override
  public boolean readsPairs() {
    return true;
  }

  @Override
  public String hint() {
    return "lower with device=cuda, and let it make all of its rewrites";
  }

  @Override
  public String kernel(Operation served, KernelForm spec, List<ScalarType> types) {
    CudaKernel kernel = FORMS.get(spec.getClass()).of(spec, types, rows(served));
    kernels.putIfAbsent(kernel.name(), kernel);
    List<String> places = serves.computeIfAbsent(kernel.name(), name -> new ArrayList<>());
    String place = served.name() + " at " + served.location().text();
    if (!places.contains(place)) {
      places.add(place);
    }
    return kernel.name();
  }

  /** Rows of what an operation gives; many where that is nothing, or of a size that is known when it runs. */
  private static long rows(Operation served) {
    if (served.results().isEmpty()) {
      return ProductKernels.MANY_ROWS;
    }
    TensorType result = served.results().get(0).type();
    long rows = 1;
    for (Dim dim : result.dims().subList(0, Math.max(0, result.rank() - 1))) {
      if (!dim.isConstant()) {
        return ProductKernels.MANY_ROWS;
      }
      rows = Math.multiplyExact(rows, dim.constant().getAsLong());
    }
    return rows;
  }

  @Override
  public String productItems(KernelForm spec, Dim rows) {
    return ExecutorTarget.size(rows);
  }

  @Override
  public boolean hasOwnMemory() {
    return true;
  }
}
