package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.quantcache.codegen.cuda.ProductTiling.Cells;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cuda.KernelGeometry;

/**
 * Matrix products. Work items are rows of the result. Weights that tensor cores multiply lie in tiles, see {@link
 * org.quantcache.kernels.pack.TilePacker}; those with groups of channels, values of 4 bits in pairs, and those that are
 * multiplied in f32 lie row by row.
 */
public final class ProductKernels {
  private static final int GEMM_POINTERS = 3;
  private static final int INTEGER_GEMM_POINTERS = 6;
  private static final String GATE_ROWS = "rows_per_sample, rows_per_frame, samples, frames";

  /** Rows of a result that has many, or a number of them that is known when it runs. */
  static final long MANY_ROWS = Long.MAX_VALUE;

  /** A product of at most so many rows is bound by reading its weight. */
  private static final long FEW_ROWS = 16;

  private static final String OF_FEW_ROWS = "_rows" + FEW_ROWS;

  private ProductKernels() {}

  /**
   * A product of floats: f32 arithmetic for an operand of f32, tensor cores for one of bf16.
   *
   * @param types kinds of a, w, c, [bias], [gate], [residual], [held, sums]
   * @throws IllegalArgumentException for an operand of bf16 and a weight that is not, and kinds that no kernel reads
   */
  public static CudaKernel of(GemmSpec spec, List<ScalarType> types) {
    return of(spec, types, MANY_ROWS);
  }

  /** The same for a result of so many rows. */
  public static CudaKernel of(GemmSpec spec, List<ScalarType> types, long rows) {
    boolean few = rows <= FEW_ROWS;
    Epilogue epilogue = spec.epilogue();
    requireCount(types, GEMM_POINTERS, epilogue);
    ScalarType operand = activation(types.get(0));
    ScalarType result = activation(types.get(2));
    ScalarType weight = ScalarType.valueOf(spec.storage().name());
    require(types.get(1) == weight, "a weight of %s for %s", types.get(1).text(), weight.text());
    boolean halves = operand == ScalarType.BF16;
    requireTiles(epilogue, spec.n());
    require(halves || !epilogue.isProbed(), "a probe and an operand of %s", operand.text());
    require(
        !halves || spec.storage() == WeightStorage.BF16,
        "an operand of bf16 and a weight of %s",
        weight.text());
    Map<String, String> holes = new HashMap<>();
    List<ScalarType> activations = new ArrayList<>(List.of(operand, result));
    activations.addAll(putEpilogue(holes, epilogue, types.subList(GEMM_POINTERS, types.size())));
    int rowBytes = Math.multiplyExact(spec.k(), ScalarType.BF16.bytes());
    ProductTiling tiling = halves
        ? ProductTiling.tensor(spec.n(), spec.k(), rowBytes, rowBytes, Cells.WHOLE, few)
        : ProductTiling.floats(spec.n(), spec.k(), few);
    Optional<ProductTiling> warpgroups = halves
        ? ProductTiling.warpgroups(spec.n(), spec.k(), rowBytes, rowBytes, Cells.WHOLE, few)
        : Optional.empty();
    holes.put("multiply", halves ? "multiply_halves" : "multiply_floats");
    holes.put("operand", DeviceTypes.name(operand));
    holes.put("weight", DeviceTypes.name(weight));
    holes.put("result", DeviceTypes.name(result));
    String base = spec.functionName() + (few ? OF_FEW_ROWS : "");
    String name = DeviceTypes.functionName(base, activations);
    return kernel(name, "gemm", holes, tiling, warpgroups, spec.n(), spec.k());
  }

  /**
   * A product of bytes.
   *
   * @param types kinds of values, range, w, scale, sum (i32 or f32), c, [bias], [gate], [residual], [held, sums]
   * @throws IllegalArgumentException for sums that may exceed 32 bits, groups that are no whole quads of the depth, and
   *     kinds that no kernel reads
   */
  public static CudaKernel of(IntegerGemmSpec spec, List<ScalarType> types) {
    return of(spec, types, MANY_ROWS);
  }

  /** The same for a result of so many rows. */
  static CudaKernel of(IntegerGemmSpec spec, List<ScalarType> types, long rows) {
    boolean few = rows <= FEW_ROWS;
    requireCount(types, INTEGER_GEMM_POINTERS, spec.epilogue());
    Cells cells = cells(spec);
    require(spec.k() % spec.group() == 0, "%d channels in groups of %d", spec.k(), spec.group());
    require(
        spec.group() == spec.k() || spec.group() % 4 == 0, "groups of %d channels", spec.group());
    requireSumsFit(spec);
    requireTiles(spec.epilogue(), spec.n());
    int inByte = cells == Cells.PAIRS ? 2 : 1;
    require(spec.group() % inByte == 0, "pairs of %d channels", spec.group());
    require(types.get(1) == ScalarType.F32, "ranges of %s", types.get(1).text());
    require(types.get(3) == ScalarType.F32, "scales of %s", types.get(3).text());
    ScalarType sum = types.get(4);
    require(sum == ScalarType.I32 || sum == ScalarType.F32, "sums of the weight of %s", sum.text());
    ScalarType result = activation(types.get(5));
    Map<String, String> holes = new HashMap<>();
    List<ScalarType> activations = new ArrayList<>(List.of(result));
    activations.addAll(
        putEpilogue(holes, spec.epilogue(), types.subList(INTEGER_GEMM_POINTERS, types.size())));
    holes.put("group", Integer.toString(spec.group()));
    holes.put("weight", cells == Cells.WHOLE ? "s8" : "u8");
    holes.put("weight_sum", DeviceTypes.name(sum));
    holes.put("result", DeviceTypes.name(result));
    String base =
        spec.functionName() + (sum == ScalarType.F32 ? "_fsum" : "") + (few ? OF_FEW_ROWS : "");
    return kernel(
        DeviceTypes.functionName(base, activations),
        "integer_gemm",
        holes,
        ProductTiling.tensor(
            spec.n(), spec.k(), spec.k() / inByte, spec.group() / inByte, cells, few),
        ProductTiling.warpgroups(
            spec.n(), spec.k(), spec.k() / inByte, spec.group() / inByte, cells, few),
        spec.n(),
        spec.k());
  }

  private static Cells cells(IntegerGemmSpec spec) {
    int weight = spec.cellBits();
    int activation = spec.activationCellBits();
    require(weight == 4 || weight == 8, "cells of %d bits", weight);
    require(
        activation == 8 || activation == 4 && weight == 4,
        "activations in cells of %d bits and weights in cells of %d",
        activation,
        weight);
    return activation == 4 ? Cells.PAIRS : weight == 4 ? Cells.PACKED : Cells.WHOLE;
  }

  /** Values of 4 bits are multiplied 16 times too large. */
  private static void requireSumsFit(IntegerGemmSpec spec) {
    int weightBits = spec.cellBits() == 4 ? 8 : spec.weightBits();
    long most = ((1L << spec.activationBits()) - 1 << weightBits - 1) * spec.group();
    require(most <= Integer.MAX_VALUE, "the sum over %d channels exceeds 32 bits", spec.group());
  }

  private static CudaKernel kernel(
      String name,
      String family,
      Map<String, String> holes,
      ProductTiling tiling,
      Optional<ProductTiling> warpgroups,
      int n,
      int k) {
    holes.put("name", name);
    holes.put("n", Integer.toString(n));
    holes.put("k", Integer.toString(k));
    holes.put(
        "tiling",
        warpgroups
            .map(other ->
                "OnCard<products::%s, products::%s>".formatted(tiling.text(), other.text()))
            .orElse(tiling.text()));
    holes.put("threads", onCard(tiling, warpgroups, ProductTiling::threads));
    holes.put("blocks", onCard(tiling, warpgroups, ProductTiling::together));
    return new CudaKernel(
        name,
        family,
        Map.copyOf(holes),
        tiling.threads(),
        tiling.sharedBytes(),
        tiling.blockRows(),
        tiling.columnBlocks(n),
        warpgroups.map(other -> new KernelGeometry(
            name,
            CudaTarget.WARPGROUPS,
            other.threads(),
            other.sharedBytes(),
            other.blockRows(),
            other.columnBlocks(n),
            true)));
  }

  /** A number of the tiling that a card has. */
  private static String onCard(
      ProductTiling tiling,
      Optional<ProductTiling> warpgroups,
      ToIntFunction<ProductTiling> number) {
    int general = number.applyAsInt(tiling);
    return warpgroups
        .map(other -> "(QC_WARPGROUPS ? %d : %d)".formatted(number.applyAsInt(other), general))
        .orElse(Integer.toString(general));
  }

  /**
   * Parameters and arguments of what follows the product.
   *
   * @param types kinds of [bias], [gate], [residual], [held, sums]
   * @return kinds of those that are activations
   */
  private static List<ScalarType> putEpilogue(
      Map<String, String> holes, Epilogue epilogue, List<ScalarType> types) {
    int next = 0;
    List<ScalarType> activations = new ArrayList<>();
    StringBuilder pointers = new StringBuilder();
    StringBuilder numbers = new StringBuilder();
    ScalarType gate = ScalarType.F32;
    ScalarType residual = ScalarType.F32;
    if (epilogue.bias()) {
      ScalarType bias = types.get(next++);
      require(bias == ScalarType.F32, "a bias of %s", bias.text());
      pointers.append(", const float* bias");
    }
    if (epilogue.gate()) {
      gate = activation(types.get(next++));
      activations.add(gate);
      pointers.append(", const ").append(DeviceTypes.name(gate)).append("* gate");
      numbers.append(", int ").append(GATE_ROWS.replace(", ", ", int "));
    }
    if (epilogue.residual()) {
      residual = activation(types.get(next++));
      activations.add(residual);
      pointers.append(", const ").append(DeviceTypes.name(residual)).append("* residual");
      numbers.append(", int residual_rows");
    }
    String probe = "products::NoProbe";
    if (epilogue.isProbed()) {
      ScalarType held = activation(types.get(next));
      activations.add(held);
      pointers.append(", ").append(DeviceTypes.name(held)).append("* held, float* sums");
      probe = "products::Probe<%b, %s>"
          .formatted(epilogue.probe() == Epilogue.Probe.ADDEND, DeviceTypes.name(held));
    }
    holes.put("pointers", pointers.toString());
    holes.put("numbers", numbers.toString());
    holes.put(
        "epilogue",
        "%b, products::Activation::%s, %b, %b, %s, %s, %s"
            .formatted(
                epilogue.bias(),
                epilogue.activation(),
                epilogue.gate(),
                epilogue.residual(),
                DeviceTypes.name(gate),
                DeviceTypes.name(residual),
                probe));
    holes.put(
        "arguments",
        String.join(
            ", ",
            epilogue.bias() ? "bias" : "nullptr",
            epilogue.gate() ? "gate" : "nullptr",
            epilogue.residual() ? "residual" : "nullptr",
            epilogue.gate() ? GATE_ROWS : "0, 0, 0, 0",
            epilogue.residual() ? "residual_rows" : "0",
            probe + (epilogue.isProbed() ? "{held, sums}" : "{}")));
    return activations;
  }

  private static void requireCount(List<ScalarType> types, int product, Epilogue epilogue) {
    int count = product;
    for (boolean part : new boolean[] {epilogue.bias(), epilogue.gate(), epilogue.residual()}) {
      count += part ? 1 : 0;
    }
    DeviceTypes.requireCount(types, count + (epilogue.isProbed() ? 2 : 0));
  }

  /** A probe adds up tiles of 32 columns. */
  private static void requireTiles(Epilogue epilogue, int n) {
    require(!epilogue.isProbed() || n % 32 == 0, "a probe and %d columns", n);
  }

  private static ScalarType activation(ScalarType type) {
    require(type == ScalarType.F32 || type == ScalarType.BF16, "activations of %s", type.text());
    return type;
  }

  private static void require(boolean condition, String what, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException("no product on this device has " + what.formatted(values));
    }
  }
}
