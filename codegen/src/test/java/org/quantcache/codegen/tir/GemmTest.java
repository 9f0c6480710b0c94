package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.pack.PanelPacker;

/** The packed product against a plain one in double, over odd sizes, all storages and epilogues. */
@Tag("numerics")
class GemmTest {
  private final Random random = new Random(7);

  private record Case(GemmSpec spec, int rows) {}

  private static List<Case> cases() {
    List<Case> out = new ArrayList<>();
    int[][] sizes = {
      {1, 1, 1},
      {13, 31, 33},
      {24, 64, 128},
      {7, 100, 65},
      {97, 130, 400},
      {50, 288, 1000},
      {12, 32, 16},
      {2, 40, 800},
      {25, 100, 800}
    };
    for (int[] s : sizes) {
      out.add(new Case(
          new GemmSpec(
              s[1], s[2], WeightStorage.F32, new Epilogue(true, Activation.NONE, false, false)),
          s[0]));
    }
    out.add(new Case(
        new GemmSpec(96, 72, WeightStorage.F16, new Epilogue(true, Activation.GELU, false, false)),
        30));
    out.add(new Case(
        new GemmSpec(
            40, 800, WeightStorage.BF16, new Epilogue(false, Activation.SILU, false, false)),
        29));
    out.add(new Case(
        new GemmSpec(48, 64, WeightStorage.F16, new Epilogue(true, Activation.NONE, true, true)),
        24));
    out.add(new Case(
        new GemmSpec(48, 900, WeightStorage.F16, new Epilogue(true, Activation.NONE, true, true)),
        120));
    out.add(new Case(
        new GemmSpec(64, 64, WeightStorage.F32, new Epilogue(false, Activation.NONE, false, true)),
        24));
    Epilogue all = new Epilogue(true, Activation.NONE, true, true);
    out.add(new Case(new GemmSpec(300, 40, WeightStorage.F32, all.with(Probe.ADDEND)), 24));
    out.add(new Case(new GemmSpec(48, 900, WeightStorage.F16, all.with(Probe.VALUE)), 120));
    out.add(new Case(new GemmSpec(37, 19, WeightStorage.F32, all.with(Probe.ADDEND)), 1));
    out.add(new Case(new GemmSpec(5, 7, WeightStorage.F32, Epilogue.NONE.with(Probe.VALUE)), 29));
    return out;
  }

  @Test
  void agreesWithAPlainProduct() throws IOException {
    List<GemmSpec> specs = cases().stream().map(Case::spec).toList();
    for (int workers = 1; workers <= 2; workers++) {
      try (KernelBench bench = new KernelBench(specs, workers)) {
        for (Case one : cases()) {
          check(bench, one, 0);
          check(bench, one, 4);
        }
      }
    }
  }

  private void check(KernelBench bench, Case one, int shift) throws IOException {
    GemmSpec s = one.spec();
    Epilogue e = s.epilogue();
    int m = one.rows();
    float[] a = KernelBench.random(random, m * s.k());
    float[] w = KernelBench.random(random, s.n() * s.k());
    float[] bias = KernelBench.random(random, s.n());
    int samples = m % 4 == 0 ? 2 : 1;
    int frames = m % 4 == 0 ? 2 : 1;
    float[] gate = KernelBench.random(random, samples * frames * s.n());
    int residualRows = m % 2 == 0 ? m / 2 : m;
    float[] residual = KernelBench.random(random, residualRows * s.n());
    KernelBench.Memory c = bench.memory(new float[m * s.n()], shift);
    KernelLaunch.Builder launch = bench
        .launch(s)
        .pointer(bench.memory(a, shift).address())
        .pointer(packed(bench, s, w))
        .pointer(c.address());
    if (e.bias()) {
      launch.pointer(bench.memory(bias, shift).address());
    }
    if (e.gate()) {
      launch.pointer(bench.memory(gate, shift).address());
    }
    if (e.residual()) {
      launch.pointer(bench.memory(residual, shift).address());
    }
    ProbeCheck probe = new ProbeCheck(bench, random, m, s.n());
    if (e.isProbed()) {
      probe.addTo(launch);
    }
    launch.integer(m);
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
      for (int n = 0; n < s.n(); n++) {
        double sum = e.bias() ? bias[n] : 0;
        double scale = 1;
        for (int k = 0; k < s.k(); k++) {
          double product = (double) a[r * s.k() + k] * stored(s.storage(), w[n * s.k() + k]);
          sum += product;
          scale += Math.abs(product);
        }
        if (e.activation() == Activation.GELU) {
          sum = 0.5
              * sum
              * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (sum + 0.044715 * sum * sum * sum)));
        } else if (e.activation() == Activation.SILU) {
          sum = sum / (1 + Math.exp(-sum));
        }
        if (e.gate()) {
          int perFrame = m / samples / frames;
          sum *= gate[((r / (perFrame * frames)) * frames + r / perFrame % frames) * s.n() + n];
        }
        if (e.residual()) {
          sum += residual[r % residualRows * s.n() + n];
        }
        assertThat((double) found[r * s.n() + n])
            .as(s.functionName() + " row " + r + " column " + n)
            .isCloseTo(sum, org.assertj.core.data.Offset.offset(4e-6 * scale));
      }
    }
  }

  private static float stored(WeightStorage storage, float value) {
    return switch (storage) {
      case F32 -> value;
      case F16 -> HalfFloats.fromHalf(HalfFloats.toHalf(value));
      case BF16 -> HalfFloats.fromBfloat16(HalfFloats.toBfloat16(value));
    };
  }

  private static long packed(KernelBench bench, GemmSpec s, float[] w) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PanelPacker.pack(
        s.n(),
        s.k(),
        bench.target().panelWidth(),
        ScalarType.valueOf(s.storage().name()),
        (row, into) -> System.arraycopy(w, (int) row * s.k(), into, 0, s.k()),
        Channels.newChannel(bytes));
    KernelBench.Memory memory = bench.memory(new float[(bytes.size() + 3) / 4]);
    memory.buffer().view(0, bytes.size()).put(ByteBuffer.wrap(bytes.toByteArray()));
    return memory.address();
  }
}
