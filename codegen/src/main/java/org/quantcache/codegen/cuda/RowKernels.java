package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.tir.GridSpec;
import org.quantcache.codegen.tir.NormSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.quant.Hadamard;

/** Kernels that read each row once and hold it in registers. Work items are rows. */
public final class RowKernels {
  private static final int BLOCK_THREADS = 256;
  /** Of the one block that looks through the extremes of all rows. */
  private static final int GRID_THREADS = 1024;

  private static final String ABSENT = "(const float*)nullptr";
  private static final List<String> GROUPS =
      List.of("rows_per_sample", "rows_per_frame", "samples", "frames");

  private RowKernels() {}

  /**
   * Rounding of rows. Shared memory exceeds 48 KiB only where rows of more than 12288 channels are rotated that are no
   * multiple of 128, or in blocks of 1024 and more.
   *
   * @param types kinds of x, what the part writes, [shift, scale], [inverse], [grid], [bits]
   */
  public static CudaKernel of(QuantRowsSpec spec, List<ScalarType> types) {
    boolean norm = spec.prologue() == Prologue.NORM_MODULATE;
    boolean given = spec.part() == Part.ROUND;
    Parameters parameters = new Parameters().in("x", types.get(0));
    int results = 0;
    if (spec.part() != Part.EXTREMES) {
      parameters.out("values", ScalarType.U8);
      results++;
    }
    if (!given) {
      parameters.out("pairs", ScalarType.F32);
      results++;
    }
    int tables = 1 + results;
    DeviceTypes.requireCount(
        types,
        tables
            + (norm ? 2 : 0)
            + (spec.inverse() ? 1 : 0)
            + (given ? 1 : 0)
            + (spec.dynamic() ? 1 : 0));
    List<ScalarType> activations = new ArrayList<>(List.of(types.get(0)));
    Map<String, String> holes = new HashMap<>();
    putTables(
        holes, norm, parameters, norm ? types.subList(tables, tables + 2) : List.of(), activations);
    if (spec.inverse()) {
      parameters.in("inverse", ScalarType.F32);
    }
    if (given) {
      parameters.in("grid", ScalarType.F32);
    }
    if (spec.dynamic()) {
      parameters.in("bits", ScalarType.I32);
    }
    if (norm) {
      parameters.integers(GROUPS);
    }
    RowLayout layout = RowLayout.of(spec.channels(), types.get(0), BLOCK_THREADS);
    String name = DeviceTypes.functionName(spec.functionName(), activations);
    String most = most(spec.bits(), spec.dynamic());
    holes.put("x_type", DeviceTypes.name(types.get(0)));
    holes.put("shift_type", DeviceTypes.name(norm ? types.get(tables) : ScalarType.F32));
    holes.put("scale_type", DeviceTypes.name(norm ? types.get(tables + 1) : ScalarType.F32));
    holes.put("inverse", spec.inverse() ? "inverse" : ABSENT);
    holes.put("epsilon", literal(spec.epsilon()));
    holes.put("factor", literal(Hadamard.factor(Math.max(1, spec.hadamard()))));
    holes.put("prologue", spec.prologue().name());
    holes.put("balanced", Boolean.toString(spec.inverse()));
    holes.put("block", Integer.toString(spec.hadamard()));
    String cells = "<" + spec.cellBits() + ">";
    holes.put(
        "part",
        switch (spec.part()) {
          case ROWS -> "OwnGrids" + cells + "{values, pairs, " + most + "}";
          case EXTREMES -> "Extremes{pairs}";
          case ROUND -> "SharedGrid" + cells + "{values, grid, " + most + "}";
        });
    putCommon(holes, name, layout, parameters);
    return new CudaKernel(
        name,
        "quant_rows",
        Map.copyOf(holes),
        layout.blockThreads(),
        layout.hadamardBytes(spec.hadamard()),
        layout.rows(),
        1);
  }

  /**
   * The grid that spans extremes, found by one block. One work item.
   *
   * @param types kinds of extremes, grid, [bits]
   */
  public static CudaKernel of(GridSpec spec, List<ScalarType> types) {
    DeviceTypes.requireCount(types, spec.dynamic() ? 3 : 2);
    Parameters parameters =
        new Parameters().in("extremes", ScalarType.F32).out("grid", ScalarType.F32);
    if (spec.dynamic()) {
      parameters.in("bits", ScalarType.I32);
    }
    parameters.integers("rows");
    Map<String, String> holes = Map.of(
        "name", spec.functionName(),
        "threads", Integer.toString(GRID_THREADS),
        "parameters", parameters.text(),
        "most", most(spec.bits(), spec.dynamic()));
    return new CudaKernel(spec.functionName(), "quant_grid", holes, GRID_THREADS, 0, 1, 1);
  }

  /**
   * Layer norm.
   *
   * @param types kinds of x, y, [shift, scale]
   */
  public static CudaKernel of(NormSpec spec, List<ScalarType> types) {
    DeviceTypes.requireCount(types, spec.modulated() ? 4 : 2);
    Parameters parameters = new Parameters().in("x", types.get(0)).out("y", types.get(1));
    Map<String, String> holes = new HashMap<>();
    putTables(
        holes, spec.modulated(), parameters, types.subList(2, types.size()), new ArrayList<>());
    if (spec.modulated()) {
      parameters.integers(GROUPS);
    }
    RowLayout layout = RowLayout.of(spec.channels(), types.get(0), BLOCK_THREADS);
    String name = DeviceTypes.functionName(spec.functionName(), types);
    holes.put("modulated", Boolean.toString(spec.modulated()));
    holes.put("epsilon", literal(spec.epsilon()));
    putCommon(holes, name, layout, parameters);
    return new CudaKernel(
        name, "norm", Map.copyOf(holes), layout.blockThreads(), 0, layout.rows(), 1);
  }

  /** Shift and scale where there are any; their kinds join {@code activations}. */
  private static void putTables(
      Map<String, String> holes,
      boolean present,
      Parameters parameters,
      List<ScalarType> types,
      List<ScalarType> activations) {
    if (present) {
      parameters.in("shift", types.get(0)).in("scale", types.get(1));
      activations.addAll(types);
    }
    holes.put("shift", present ? "shift" : ABSENT);
    holes.put("scale", present ? "scale" : ABSENT);
    holes.put("groups", present ? String.join(", ", GROUPS) : "0, 0, 0, 0");
  }

  private static void putCommon(
      Map<String, String> holes, String name, RowLayout layout, Parameters parameters) {
    holes.put("name", name);
    holes.put("threads", Integer.toString(layout.blockThreads()));
    holes.put("layout", layout.text());
    holes.put("parameters", parameters.text());
  }

  /** The largest value, as an expression. */
  private static String most(int bits, boolean dynamic) {
    return dynamic ? "grids::largest_value(*bits, " + bits + ")" : literal((1 << bits) - 1);
  }

  private static String literal(double value) {
    return (float) value + "f";
  }
}
