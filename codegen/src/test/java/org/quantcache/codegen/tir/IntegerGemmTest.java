package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.codegen.tir.CpuTarget.Dot;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.kernels.cpu.HostCpu;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.pack.QuadPacker;

/** The product of bytes against whole numbers, bit by bit, for every way to multiply that this machine runs. */
@Tag("numerics")
class IntegerGemmTest {
  private static final Epilogue ALL = new Epilogue(true, Activation.NONE, true, true);

  private final Random random = new Random(7);

  /** Targets whose code runs here, one for each instruction and width. */
  static Stream<CpuTarget> targets() {
    List<CpuTarget> out = new ArrayList<>(KernelBench.targets());
    CpuTarget host = out.get(0);
    out.add(new CpuTarget(host.cpu(), host.triple(), host.lanes(), 4, 2, Dot.NONE));
    if (HostCpu.detect().missing(CpuTarget.named("x86-64-v4").features()).isEmpty()) {
      out.add(CpuTarget.named("x86-64-v4"));
      if (host.dot() == Dot.QUADS) {
        out.add(new CpuTarget(host.cpu(), "", 8, 6, 2, Dot.QUADS));
      }
    }
    return out.stream();
  }

  private record Case(IntegerGemmSpec spec, int rows) {}

  private static List<Case> cases() {
    List<Case> out = new ArrayList<>();
    // Rows, columns, depth; bits of the operand, of the weights, of their cells.
    int[][] sizes = {
      {1, 1, 1, 8, 8, 8},
      {13, 31, 33, 8, 8, 8},
      {24, 64, 128, 8, 8, 8},
      {7, 100, 65, 6, 4, 4},
      {97, 130, 400, 6, 4, 4},
      {50, 288, 1000, 8, 8, 8},
      {12, 32, 16, 4, 4, 8},
      {5, 40, 4 * 32 * 3 + 4, 6, 4, 4},
      {9, 33, 68, 8, 4, 4},
      {9, 33, 68, 6, 8, 8},
      {9, 33, 68, 7, 8, 8},
      {9, 33, 71, 8, 6, 8},
      {30, 48, 2600, 8, 8, 8},
      {31, 70, 4608, 8, 8, 8},
      {31, 70, 4608, 6, 4, 4},
      {30, 48, 2600, 6, 4, 4}
    };
    for (int[] s : sizes) {
      out.add(new Case(new IntegerGemmSpec(s[1], s[2], s[3], s[4], s[5], Epilogue.NONE), s[0]));
    }
    return out;
  }

  private static byte[] values(Random random, int count, int bits, boolean signed) {
    byte[] out = new byte[count];
    int most = (1 << bits) - 1;
    // Runs of extremes reach the largest sums there are.
    int mode = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int value = mode == 0 ? random.nextInt(most + 1) : mode == 1 ? most : 0;
      out[i] = (byte) (signed ? value - (1 << (bits - 1)) : value);
    }
    return out;
  }

  static long packed(KernelBench bench, IntegerGemmSpec s, byte[] w) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      QuadPacker.pack(
          s.n(),
          s.k(),
          bench.target().panelWidth(),
          s.cellBits(),
          (row, into) -> System.arraycopy(w, (int) row * s.k(), into, 0, s.k()),
          Channels.newChannel(bytes));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bench.bytes(bytes.toByteArray()).address();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void sumsAreExact(CpuTarget target) {
    for (int workers = 1; workers <= 2; workers++) {
      List<IntegerGemmSpec> specs = cases().stream().map(Case::spec).toList();
      try (KernelBench bench = new KernelBench(target, specs, workers)) {
        for (Case one : cases()) {
          for (int round = 0; round < 4; round++) {
            exact(bench, one);
          }
        }
      }
    }
  }

  private void exact(KernelBench bench, Case one) {
    IntegerGemmSpec s = one.spec();
    int m = one.rows();
    byte[] v = values(random, m * s.k(), s.activationBits(), false);
    byte[] w = values(random, s.n() * s.k(), s.weightBits(), true);
    float[] scale = new float[s.n()];
    java.util.Arrays.fill(scale, 1);
    KernelBench.Memory c = bench.memory(new float[m * s.n()], 4);
    KernelLaunch.Builder launch = bench
        .launch(s)
        .pointer(bench.bytes(v).address())
        .pointer(bench.memory(new float[] {1, 0}).address())
        .pointer(packed(bench, s, w))
        .pointer(bench.memory(scale).address())
        .pointer(bench.ints(new int[s.n()]))
        .pointer(c.address())
        .integer(m)
        .integer(0);
    bench.run(launch, s.workItems(m, bench.target()));
    float[] found = c.floats();
    for (int r = 0; r < m; r++) {
      for (int n = 0; n < s.n(); n++) {
        assertThat(found[r * s.n() + n])
            .as(bench.target() + " " + s.functionName() + " row " + r + " column " + n)
            .isEqualTo(product(s, v, w, r, n, 0, s.k()));
      }
    }
  }

  private static int product(
      IntegerGemmSpec s, byte[] v, byte[] w, int row, int output, int from, int to) {
    int sum = 0;
    for (int k = from; k < to; k++) {
      sum += (v[row * s.k() + k] & 0xff) * w[output * s.k() + k];
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("targets")
  void rangesScalesAndEpilogueFollow(CpuTarget target) {
    List<Case> cases = List.of(
        new Case(new IntegerGemmSpec(48, 64, 8, 8, 8, ALL), 24),
        new Case(new IntegerGemmSpec(49, 129, 6, 4, 4, ALL), 120),
        new Case(new IntegerGemmSpec(49, 256, 6, 4, 4, 128, ALL), 25),
        new Case(new IntegerGemmSpec(70, 384, 8, 8, 8, 32, Epilogue.NONE), 13),
        new Case(new IntegerGemmSpec(32, 144, 8, 4, 8, 36, ALL), 8),
        new Case(
            new IntegerGemmSpec(40, 80, 8, 4, 4, new Epilogue(true, Activation.GELU, false, false)),
            29),
        new Case(
            new IntegerGemmSpec(33, 36, 8, 8, 8, new Epilogue(false, Activation.SILU, false, true)),
            10),
        new Case(new IntegerGemmSpec(300, 64, 8, 8, 8, ALL.with(Probe.ADDEND)), 24),
        new Case(new IntegerGemmSpec(128, 4608, 6, 4, 4, ALL.with(Probe.VALUE)), 28),
        new Case(new IntegerGemmSpec(40, 96, 8, 8, 8, 32, ALL.with(Probe.ADDEND)), 13),
        new Case(new IntegerGemmSpec(7, 36, 8, 4, 4, Epilogue.NONE.with(Probe.VALUE)), 1));
    List<IntegerGemmSpec> specs = cases.stream().map(Case::spec).toList();
    try (KernelBench bench = new KernelBench(target, specs, 2)) {
      for (Case one : cases) {
        dequantized(bench, one, true);
        dequantized(bench, one, false);
      }
    }
  }

  private void dequantized(KernelBench bench, Case one, boolean perRow) {
    IntegerGemmSpec s = one.spec();
    Epilogue e = s.epilogue();
    int m = one.rows();
    int groups = s.groups();
    byte[] v = values(random, m * s.k(), s.activationBits(), false);
    byte[] w = values(random, s.n() * s.k(), s.weightBits(), true);
    float[] range = KernelBench.random(random, 2 * m);
    float[] scale = KernelBench.random(random, s.n() * groups);
    int[] sum = new int[s.n() * groups];
    for (int i = 0; i < s.n() * s.k(); i++) {
      sum[i / s.group()] += w[i];
    }
    for (int i = 0; i < m; i++) {
      range[2 * i] *= 1e-3f;
    }
    float[] bias = KernelBench.random(random, s.n());
    int samples = m % 4 == 0 ? 2 : 1;
    int frames = m % 4 == 0 ? 2 : 1;
    float[] gate = KernelBench.random(random, samples * frames * s.n());
    int residualRows = m % 2 == 0 ? m / 2 : m;
    float[] residual = KernelBench.random(random, residualRows * s.n());
    KernelBench.Memory c = bench.memory(new float[m * s.n()]);
    KernelLaunch.Builder launch = bench
        .launch(s)
        .pointer(bench.bytes(v).address())
        .pointer(bench.memory(range).address())
        .pointer(packed(bench, s, w))
        .pointer(bench.memory(scale).address())
        .pointer(bench.ints(sum))
        .pointer(c.address());
    if (e.bias()) {
      launch.pointer(bench.memory(bias).address());
    }
    if (e.gate()) {
      launch.pointer(bench.memory(gate).address());
    }
    if (e.residual()) {
      launch.pointer(bench.memory(residual).address());
    }
    ProbeCheck probe = new ProbeCheck(bench, random, m, s.n());
    if (e.isProbed()) {
      probe.addTo(launch);
    }
    launch.integer(m).integer(perRow ? 2 : 0);
    if (e.gate()) {
      launch.integer(m / samples).integer(m / samples / frames).integer(samples).integer(frames);
    }
    if (e.residual()) {
      launch.integer(residualRows);
    }
    bench.run(launch, s.workItems(m, bench.target()));
    float[] found = c.floats();
    if (e.isProbed()) {
      probe.check(s.functionName(), e, found, residual);
    }
    for (int r = 0; r < m; r++) {
      int pair = perRow ? 2 * r : 0;
      for (int n = 0; n < s.n(); n++) {
        double value = e.bias() ? bias[n] : 0;
        double size = 1;
        for (int g = 0; g < groups; g++) {
          int at = n * groups + g;
          int product = product(s, v, w, r, n, g * s.group(), (g + 1) * s.group());
          double one1 = (double) scale[at] * range[pair] * product;
          double one2 = (double) scale[at] * range[pair + 1] * sum[at];
          value += one1 + one2;
          size += Math.abs(one1) + Math.abs(one2);
        }
        value = switch (e.activation()) {
          case NONE -> value;
          case GELU ->
            0.5
                * value
                * (1
                    + Math.tanh(
                        Math.sqrt(2 / Math.PI) * (value + 0.044715 * value * value * value)));
          case SILU -> value / (1 + Math.exp(-value));
        };
        if (e.gate()) {
          int perFrame = m / samples / frames;
          int entry = (r / (perFrame * frames)) * frames + r / perFrame % frames;
          value *= gate[entry * s.n() + n];
          size *= 1 + Math.abs(gate[entry * s.n() + n]);
        }
        if (e.residual()) {
          value += residual[r % residualRows * s.n() + n];
        }
        assertThat((double) found[r * s.n() + n])
            .as(bench.target() + " " + s.functionName() + " row " + r + " column " + n)
            .isCloseTo(value, org.assertj.core.data.Offset.offset(4e-6 * size));
      }
    }
  }

  @Test
  void sixteenBitsHoldAsManyPairsAsFitAndNotOneMore() {
    int[][] cases = {{8, 8, 0}, {7, 8, 1}, {6, 8, 2}, {8, 7, 1}, {8, 4, 8}, {6, 4, 32}, {4, 4, 136}
    };
    for (int[] c : cases) {
      IntegerGemmSpec spec = new IntegerGemmSpec(1, 4, c[0], c[1], 8, Epilogue.NONE);
      assertThat(ByteProduct.quadsIn16Bits(spec)).isEqualTo(c[2]);
    }
  }

  @Test
  void eachTargetUsesTheInstructionThatItHas() {
    IntegerGemmSpec full = new IntegerGemmSpec(64, 64, 8, 8, 8, Epilogue.NONE);
    IntegerGemmSpec small = new IntegerGemmSpec(64, 64, 6, 4, 4, Epilogue.NONE);
    assertThat(assembly("znver4", full)).contains("vpdpbusd");
    assertThat(assembly("sapphirerapids", small)).contains("vpdpbusd");
    assertThat(assembly("x86-64-v3", full)).contains("vpmaddwd").doesNotContain("vpmaddubsw");
    assertThat(assembly("x86-64-v3", small)).contains("vpmaddubsw");
    assertThat(assembly("x86-64-v4", small)).contains("vpmaddubsw").contains("zmm");
    assertThat(assembly("neoverse-n1", full)).contains("mla");
  }

  private static String assembly(String cpu, KernelSpec spec) {
    return new CpuCompiler(CpuTarget.named(cpu)).assembly(spec);
  }
}
