package org.quantcache.codegen.cuda;

import com.google.common.base.CaseFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.quantcache.codegen.executor.CastForm;
import org.quantcache.codegen.tir.CopySpec;
import org.quantcache.codegen.tir.ElementwiseSpec;
import org.quantcache.codegen.tir.GuidedStepSpec;
import org.quantcache.codegen.tir.HistorySpec;
import org.quantcache.ir.types.ScalarType;

/** Kernels that treat elements alike, wherever they are. */
public final class ElementKernels {
  private static final int THREADS = 256;
  /** Packs of elements that a block of rows has at least, where there are so many. */
  private static final int PACKS = 4 * THREADS;
  /** More work items than any launch has: its one group are all blocks that the sizes ask for. */
  private static final int ALL_ITEMS = 1 << 30;

  private ElementKernels() {}

  /**
   * Elementwise work. All sizes are constants, so that the number of blocks is too; whatever work items a launch counts
   * are one group.
   *
   * @param types kinds of the operands, then of the result; truth values are {@code u8} or {@code i1}
   */
  public static CudaKernel of(ElementwiseSpec spec, List<ScalarType> types) {
    int operands = spec.operands().size();
    DeviceTypes.requireCount(types, operands + 1);
    BroadcastShape shape = BroadcastShape.of(spec.sizes(), spec.operands());
    ScalarType narrowest = types.stream()
        .filter(ScalarType::isFloat)
        .min((a, b) -> Integer.compare(a.bytes(), b.bytes()))
        .orElse(types.get(0));
    int width = shape.width(DeviceTypes.packed(narrowest));
    Parameters parameters = new Parameters();
    List<String> reads = new ArrayList<>();
    for (int i = 0; i < operands; i++) {
      parameters.in("x" + i, types.get(i));
      reads.add("operand<Sizes<" + joined(shape.operand(i)) + ">>(x" + i + ")");
    }
    parameters.out("out", types.get(operands));
    String name = DeviceTypes.functionName(spec.functionName(), types);
    Map<String, String> holes = Map.of(
        "name", name,
        "threads", Integer.toString(THREADS),
        "parameters", parameters.text(),
        "index", indexType(shape.count()),
        "width", Integer.toString(width),
        "function",
            CaseFormat.UPPER_UNDERSCORE.to(
                CaseFormat.UPPER_CAMEL, spec.function().name()),
        "sizes", joined(shape.sizes()),
        "operands", String.join(", ", reads));
    return new CudaKernel(
        name, "elementwise", holes, THREADS, 0, ALL_ITEMS, blocks(shape.count(), width));
  }

  /**
   * Copies between strides. The number of blocks is constant as for elementwise work.
   *
   * @param types kinds of what is read and written
   */
  public static CudaKernel of(CopySpec spec, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 2);
    CopyShape shape = CopyShape.of(spec);
    String element = shape.bytes() == 16 ? "copy::u128" : "u" + 8 * shape.bytes();
    String axes = shape.axes().stream()
        .map(a -> "Axis<" + joined(List.of(a.size(), a.limit(), a.in(), a.out())) + ">")
        .collect(Collectors.joining(", "));
    String name = DeviceTypes.functionName(spec.functionName(), List.of());
    Map<String, String> holes = Map.of(
        "name", name,
        "threads", Integer.toString(THREADS),
        "parameters", "const " + element + "* in, " + element + "* out, int items",
        "index", indexType(shape.count()),
        "in_base", Long.toString(shape.inBase()),
        "out_base", Long.toString(shape.outBase()),
        "axes", axes);
    return new CudaKernel(name, "copy", holes, THREADS, 0, ALL_ITEMS, blocks(shape.count(), 1));
  }

  /**
   * Conversion of floats. Work items are elements.
   *
   * @param types kinds of what is read and written, as in the spec
   */
  public static CudaKernel of(CastForm spec, List<ScalarType> types) {
    if (!types.equals(List.of(spec.from(), spec.to()))) {
      throw new IllegalArgumentException(spec + " gets " + types);
    }
    int width = Math.max(DeviceTypes.packed(spec.from()), DeviceTypes.packed(spec.to()));
    String name = spec.functionName();
    Map<String, String> holes = Map.of(
        "name", name,
        "threads", Integer.toString(THREADS),
        "parameters",
            new Parameters().in("x", spec.from()).out("out", spec.to()).text(),
        "width", Integer.toString(width));
    return new CudaKernel(name, "cast", holes, THREADS, 0, THREADS * width, 1);
  }

  /**
   * What a guard does with its history. Work items are rows.
   *
   * @param types kinds of value, base and the tensors of history, which are all of one kind
   */
  public static CudaKernel of(HistorySpec spec, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 2 + spec.length());
    if (spec.length() < 1 || types.subList(2, types.size()).stream().distinct().count() > 1) {
      throw new IllegalArgumentException("a history of " + types.subList(2, types.size()));
    }
    boolean foretells = spec.action() == HistorySpec.Action.FORETELL;
    List<String> history =
        IntStream.range(0, spec.length()).mapToObj(i -> "history" + i).toList();
    List<String> weights = foretells
        ? IntStream.range(0, spec.length()).mapToObj(i -> "weight" + i).toList()
        : List.of();
    ScalarType kept = types.get(2);
    Parameters parameters = new Parameters();
    if (foretells) {
      parameters.out("value", types.get(0)).in("base", types.get(1));
      history.forEach(name -> parameters.in(name, kept));
    } else {
      parameters.in("value", types.get(0)).in("base", types.get(1));
      history.forEach(name -> parameters.out(name, kept));
    }
    parameters.integers("base_rows").reals(weights);
    int width = DeviceTypes.packedRows(types.get(0), spec.channels());
    int rows = Math.max(1, PACKS / (spec.channels() / width));
    String name = DeviceTypes.functionName(spec.functionName(), types);
    Map<String, String> holes = Map.ofEntries(
        Map.entry("name", name),
        Map.entry("threads", Integer.toString(THREADS)),
        Map.entry("parameters", parameters.text()),
        Map.entry("history_type", (foretells ? "const " : "") + DeviceTypes.name(kept)),
        Map.entry("history", String.join(", ", history)),
        Map.entry(
            "weights",
            foretells ? "const float weights[] = {" + String.join(", ", weights) + "};" : ""),
        Map.entry("weight_argument", foretells ? "weights, " : ""),
        Map.entry("action", foretells ? "foretell" : "remember"),
        Map.entry("channels", Integer.toString(spec.channels())),
        Map.entry("width", Integer.toString(width)),
        Map.entry("rows", Integer.toString(rows)));
    return new CudaKernel(name, "history", holes, THREADS, 0, rows, 1);
  }

  /**
   * Guidance and Euler update. Work items are those of {@link GuidedStepSpec#workItems}.
   *
   * @param types kinds of prediction, z, guidance, step size, out
   */
  public static CudaKernel of(GuidedStepSpec spec, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 5);
    Parameters parameters = new Parameters()
        .in("prediction", types.get(0))
        .in("z", types.get(1))
        .in("guidance", types.get(2))
        .in("step_size", types.get(3))
        .out("out", types.get(4))
        .integers("videos", "elements", "per_sample");
    String name = DeviceTypes.functionName(spec.functionName(), types);
    Map<String, String> holes = Map.of(
        "name", name,
        "threads", Integer.toString(THREADS),
        "parameters", parameters.text());
    return new CudaKernel(name, "guided_step", holes, THREADS, 0, 1, 1);
  }

  private static int blocks(long count, int width) {
    long perBlock = (long) THREADS * width;
    return Math.toIntExact((count + perBlock - 1) / perBlock);
  }

  /** Indices of so many elements fit 32 bits, and so does what the last threads add to them. */
  private static String indexType(long count) {
    return count <= Integer.MAX_VALUE ? "u32" : "u64";
  }

  private static String joined(List<Long> numbers) {
    return numbers.stream().map(n -> Long.toString(n)).collect(Collectors.joining(", "));
  }
}
