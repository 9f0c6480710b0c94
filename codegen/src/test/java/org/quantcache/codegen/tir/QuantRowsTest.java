package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.NativeBuffer;
import org.quantcache.kernels.quant.RowQuantizer;
import org.quantcache.kernels.quant.RowQuantizer.Grid;

/** Rounded rows are those of {@link RowQuantizer} to the last bit; what a prologue rounds may move a value by one. */
@Tag("numerics")
class QuantRowsTest {
  private static final double EPSILON = 1e-6;

  private final Random random = new Random(9);

  static Stream<CpuTarget> targets() {
    return KernelBench.targets().stream();
  }

  private static List<QuantRowsSpec> plain() {
    List<QuantRowsSpec> out = new ArrayList<>();
    int[][] sizes = {
      {1, 0},
      {5, 0},
      {16, 0},
      {37, 0},
      {128, 0},
      {1152, 0},
      {2, 2},
      {16, 2},
      {24, 8},
      {12, 4},
      {16, 16},
      {40, 8},
      {128, 64},
      {384, 128},
      {1152, 128},
      {512, 256},
      {1024, 1024}
    };
    for (int[] s : sizes) {
      for (boolean inverse : new boolean[] {false, true}) {
        for (Part part : List.of(Part.ROWS, Part.ROUND)) {
          out.add(new QuantRowsSpec(
              s[0], Prologue.NONE, 0, inverse, s[1], inverse ? 6 : 8, inverse, part));
        }
      }
    }
    return out;
  }

  private static boolean perTensor(QuantRowsSpec s) {
    return s.part() == Part.ROUND;
  }

  /** The kernels that it takes to round as {@code s} does. */
  private static List<KernelSpec> kernels(List<QuantRowsSpec> specs) {
    Set<KernelSpec> out = new LinkedHashSet<>();
    for (QuantRowsSpec s : specs) {
      if (perTensor(s)) {
        out.add(extremes(s));
        out.add(grid(s));
      }
      out.add(s);
    }
    return List.copyOf(out);
  }

  private static QuantRowsSpec extremes(QuantRowsSpec s) {
    return new QuantRowsSpec(
        s.channels(),
        s.prologue(),
        s.epsilon(),
        s.inverse(),
        s.hadamard(),
        0,
        false,
        Part.EXTREMES);
  }

  private static GridSpec grid(QuantRowsSpec s) {
    return new GridSpec(s.bits(), s.dynamic());
  }

  private float[] input(int rows, int channels) {
    float[] x = KernelBench.random(random, rows * channels);
    float[] sizes = {1, 1e-30f, 1e30f, 1e-43f, 0};
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < channels; k++) {
        x[row * channels + k] *= sizes[row % sizes.length];
        if (row % 7 == 3) {
          x[row * channels + k] = row;
        }
      }
    }
    return x;
  }

  private record Result(byte[] values, float[] range) {}

  private Result run(
      KernelBench bench,
      QuantRowsSpec s,
      int rows,
      float[] x,
      float[] factors,
      int runBits,
      int at) {
    return run(bench, s, rows, x, factors, runBits, at, new float[0], new float[0]);
  }

  private Result run(
      KernelBench bench,
      QuantRowsSpec s,
      int rows,
      float[] x,
      float[] factors,
      int runBits,
      int shift,
      float[] shifts,
      float[] scales) {
    NativeBuffer values = bench.bytes(new byte[rows * s.channels() + shift]);
    KernelBench.Memory range = bench.memory(new float[perTensor(s) ? 2 : 2 * rows]);
    List<Long> tables = new ArrayList<>();
    if (s.prologue() == Prologue.NORM_MODULATE) {
      tables.add(bench.memory(shifts).address());
      tables.add(bench.memory(scales).address());
    }
    if (s.inverse()) {
      tables.add(bench.memory(factors).address());
    }
    List<Long> bits = s.dynamic() ? List.of(bench.ints(runBits)) : List.of();
    long input = bench.memory(x, 4 * shift).address();
    List<Long> pointers = new ArrayList<>(List.of(input, values.address() + shift));
    if (perTensor(s)) {
      long pairs = bench.memory(new float[2 * rows]).address();
      launch(bench, extremes(s), concat(List.of(input, pairs), tables), rows);
      KernelLaunch.Builder grid = bench.launch(grid(s));
      concat(List.of(pairs, range.address()), bits).forEach(grid::pointer);
      bench.run(grid.integer(rows), 1);
      pointers.addAll(tables);
      pointers.add(range.address());
    } else {
      pointers.add(range.address());
      pointers.addAll(tables);
    }
    launch(bench, s, concat(pointers, bits), rows);
    byte[] found = new byte[rows * s.channels()];
    ByteBuffer view = values.view(shift, found.length);
    view.get(found);
    return new Result(found, range.floats());
  }

  private static void launch(KernelBench bench, QuantRowsSpec s, List<Long> pointers, int rows) {
    KernelLaunch.Builder launch = bench.launch(s);
    pointers.forEach(launch::pointer);
    if (s.prologue() == Prologue.NORM_MODULATE) {
      launch.integer(rows).integer(rows).integer(1).integer(1);
    }
    bench.run(launch, rows);
  }

  private static List<Long> concat(List<Long> first, List<Long> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void valuesAndRangesAreThoseOfTheDefinition(CpuTarget target) {
    try (KernelBench bench = new KernelBench(target, kernels(plain()), 2)) {
      for (QuantRowsSpec s : plain()) {
        for (int rows : new int[] {1, 11}) {
          int runBits = 1 + random.nextInt(9);
          float[] x = input(rows, s.channels());
          float[] factors = KernelBench.random(random, s.channels());
          Result found = run(bench, s, rows, x, factors, runBits, rows % 2);
          requireExact(s, rows, x, factors, runBits, found);
        }
      }
    }
  }

  private static void requireExact(
      QuantRowsSpec s, int rows, float[] x, float[] factors, int runBits, Result found) {
    int channels = s.channels();
    float[] one = new float[channels];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(x, row * channels, one, 0, channels);
      RowQuantizer.prepare(one, channels, s.inverse() ? factors : new float[0], s.hadamard());
      System.arraycopy(one, 0, x, row * channels, channels);
    }
    int bits = s.dynamic() ? Math.max(2, Math.min(s.bits(), runBits)) : s.bits();
    for (int row = 0; row < rows; row++) {
      int first = perTensor(s) ? 0 : row * channels;
      int count = perTensor(s) ? x.length : channels;
      Grid grid = RowQuantizer.grid(x, first, count, bits);
      int pair = perTensor(s) ? 0 : 2 * row;
      String where = s.functionName() + " row " + row;
      assertThat(found.range()[pair]).as(where).isEqualTo(grid.step());
      assertThat(found.range()[pair + 1]).as(where).isEqualTo(grid.least());
      for (int k = 0; k < channels; k++) {
        assertThat(found.values()[row * channels + k] & 0xff)
            .as(where + " channel " + k + " of " + x[row * channels + k])
            .isEqualTo(grid.value(x[row * channels + k]));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void aPrologueMovesAValueByOneAtMost(CpuTarget target) {
    List<QuantRowsSpec> specs = new ArrayList<>();
    for (int[] s : new int[][] {{33, 0}, {128, 128}, {48, 16}, {1152, 128}}) {
      for (Prologue prologue : List.of(Prologue.GELU, Prologue.NORM_MODULATE)) {
        specs.add(new QuantRowsSpec(s[0], prologue, EPSILON, false, s[1], 8, false, Part.ROWS));
        specs.add(new QuantRowsSpec(s[0], prologue, EPSILON, true, s[1], 6, false, Part.ROUND));
      }
    }
    int rows = 9;
    try (KernelBench bench = new KernelBench(target, kernels(specs), 2)) {
      for (QuantRowsSpec s : specs) {
        int channels = s.channels();
        float[] x = KernelBench.random(random, rows * channels);
        float[] factors = KernelBench.random(random, channels);
        float[] shift = KernelBench.random(random, channels);
        float[] scale = KernelBench.random(random, channels);
        Result found = run(bench, s, rows, x, factors, 8, 0, shift, scale);
        float[] y = expected(s, x, shift, scale);
        float[] one = new float[channels];
        for (int row = 0; row < rows; row++) {
          System.arraycopy(y, row * channels, one, 0, channels);
          RowQuantizer.prepare(one, channels, s.inverse() ? factors : new float[0], s.hadamard());
          System.arraycopy(one, 0, y, row * channels, channels);
        }
        for (int i = 0; i < y.length; i++) {
          int pair = perTensor(s) ? 0 : i / channels * 2;
          float step = found.range()[pair];
          Grid grid = new Grid(step, found.range()[pair + 1], (1 << s.bits()) - 1);
          assertThat(Math.abs((found.values()[i] & 0xff) - grid.value(y[i])))
              .isLessThanOrEqualTo(1);
          assertThat(Math.abs(grid.number(found.values()[i] & 0xff) - y[i]))
              .isLessThanOrEqualTo(0.501 * step + 1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void anyNumberOfWorkersFindsTheSame(CpuTarget target) {
    List<QuantRowsSpec> specs = new ArrayList<>();
    for (Prologue prologue : Prologue.values()) {
      int bits = 4 + 2 * prologue.ordinal();
      specs.add(new QuantRowsSpec(128, prologue, EPSILON, bits == 6, 128, bits, true, Part.ROUND));
    }
    int rows = 37;
    float[] x = KernelBench.random(random, rows * 128);
    float[] factors = KernelBench.random(random, 128);
    float[] shift = KernelBench.random(random, 128);
    float[] scale = KernelBench.random(random, 128);
    List<List<Result>> found = new ArrayList<>();
    for (int workers : new int[] {1, 2}) {
      List<Result> results = new ArrayList<>();
      try (KernelBench bench = new KernelBench(target, kernels(specs), workers)) {
        for (QuantRowsSpec s : specs) {
          results.add(run(bench, s, rows, x, factors, 7, 1, shift, scale));
        }
      }
      found.add(results);
    }
    for (int i = 0; i < specs.size(); i++) {
      Result alone = found.get(0).get(i);
      Result shared = found.get(1).get(i);
      String name = specs.get(i).functionName();
      assertThat(shared.values()).as(name).isEqualTo(alone.values());
      assertThat(shared.range()).as(name).isEqualTo(alone.range());
    }
  }

  private static float[] expected(QuantRowsSpec s, float[] x, float[] shift, float[] scale) {
    float[] y = new float[x.length];
    for (int first = 0; first < x.length; first += s.channels()) {
      double mean = 0;
      double squares = 0;
      for (int k = 0; k < s.channels(); k++) {
        mean += x[first + k] / (double) s.channels();
      }
      for (int k = 0; k < s.channels(); k++) {
        squares += (x[first + k] - mean) * (x[first + k] - mean);
      }
      double factor = 1 / Math.sqrt(squares / s.channels() + EPSILON);
      for (int k = 0; k < s.channels(); k++) {
        double v = x[first + k];
        y[first + k] = (float)
            (s.prologue() == Prologue.NORM_MODULATE
                ? (v - mean) * factor * (1 + scale[k]) + shift[k]
                : 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))));
      }
    }
    return y;
  }
}
