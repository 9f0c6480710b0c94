package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.executor.TotalForm;
import org.quantcache.codegen.tir.CompareSpec;
import org.quantcache.codegen.tir.ProbeSpec;
import org.quantcache.ir.types.ScalarType;

/** Kernels that sum over rows what has changed, a warp for each row and rows as work items; and that add rows up. */
public final class MeasureKernels {
  private static final int WARP = 32;
  private static final int ROWS = 8;
  private static final int TOTAL_THREADS = 1024;

  private MeasureKernels() {}

  /**
   * What a guard measures.
   *
   * @param types kinds of value, [base], previous, sums
   */
  public static CudaKernel of(ProbeSpec spec, List<ScalarType> types) {
    Map<String, String> holes = new HashMap<>();
    holes.put("frames", Integer.toString(spec.frames()));
    holes.put("places", Integer.toString(spec.places()));
    return kernel(
        "probe",
        spec.functionName(),
        spec.channels(),
        spec.based(),
        "previous",
        types,
        List.of(),
        holes);
  }

  /**
   * What a branch measures.
   *
   * @param types kinds of value, [base], held, sums
   */
  public static CudaKernel of(CompareSpec spec, List<ScalarType> types) {
    return kernel(
        "compare",
        spec.functionName(),
        spec.channels(),
        spec.hasBase(),
        "held",
        types,
        List.of("value_rows", "base_rows"),
        new HashMap<>());
  }

  /** What was measured, added up. @param types kinds of the rows and the total, f32 */
  public static CudaKernel of(TotalForm form, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 2);
    Map<String, String> holes = Map.of(
        "name", form.functionName(),
        "threads", Integer.toString(TOTAL_THREADS),
        "width", Integer.toString(form.width()));
    return new CudaKernel(form.functionName(), "total", holes, TOTAL_THREADS, 0, 1, 1);
  }

  private static CudaKernel kernel(
      String family,
      String base,
      int channels,
      boolean based,
      String kept,
      List<ScalarType> types,
      List<String> numbers,
      Map<String, String> holes) {
    DeviceTypes.requireCount(types, based ? 4 : 3);
    List<ScalarType> rest = new ArrayList<>(types);
    Parameters parameters = new Parameters().in("value", rest.remove(0));
    if (based) {
      parameters.in("base", rest.remove(0));
    }
    parameters.out(kept, rest.remove(0)).out("sums", ScalarType.F32).integers(numbers);
    String name = DeviceTypes.functionName(base, types.subList(0, types.size() - 1));
    holes.put("name", name);
    holes.put("threads", Integer.toString(ROWS * WARP));
    holes.put("parameters", parameters.text());
    holes.put("channels", Integer.toString(channels));
    holes.put("width", Integer.toString(DeviceTypes.packedRows(types.get(0), channels)));
    holes.put("based", Boolean.toString(based));
    holes.put("base", based ? "base" : "(const float*)nullptr");
    return new CudaKernel(name, family, Map.copyOf(holes), ROWS * WARP, 0, ROWS, 1);
  }
}
