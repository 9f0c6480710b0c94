package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.ElementwiseSpec.Function;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.NativeBuffer;

/** Elementwise work, copies and the guided step against plain arithmetic. */
class ElementwiseTest {
  private static final List<List<List<Long>>> SHAPES = List.of(
      List.of(List.of(), List.of(), List.of()),
      List.of(List.of(1L), List.of(1L), List.of(1L)),
      List.of(List.of(33L), List.of(33L), List.of(1L)),
      List.of(List.of(4L, 3L, 5L, 16L), List.of(2L, 3L, 1L, 16L), List.of(4L, 1L, 5L, 1L)),
      List.of(List.of(2L, 7L, 19L), List.of(1L, 7L, 19L), List.of(2L, 1L, 19L)),
      List.of(
          List.of(6L, 1L, 2L, 3L, 40L), List.of(3L, 1L, 1L, 3L, 1L), List.of(6L, 1L, 2L, 3L, 40L)));

  private final Random random = new Random(17);

  @Test
  void everyFunctionBroadcastsLikePlainArithmetic() {
    List<ElementwiseSpec> specs = new ArrayList<>();
    for (List<List<Long>> shape : SHAPES) {
      for (Function function : Function.values()) {
        int operands = function == Function.GELU || function == Function.SILU
            ? 1
            : function == Function.SELECT || function == Function.MODULATE ? 3 : 2;
        List<List<Long>> sizes =
            new ArrayList<>(List.of(shape.get(0), shape.get(1), shape.get(2)).subList(0, operands));
        specs.add(new ElementwiseSpec(function, shape.get(0), sizes));
      }
    }
    for (CpuTarget target : KernelBench.targets()) {
      try (KernelBench bench = new KernelBench(target, specs, 2)) {
        specs.forEach(spec -> check(bench, spec));
      }
    }
  }

  private void check(KernelBench bench, ElementwiseSpec spec) {
    List<float[]> inputs = new ArrayList<>();
    KernelLaunch.Builder launch = bench.launch(spec);
    for (int i = 0; i < spec.operands().size(); i++) {
      float[] values = KernelBench.random(random, count(spec.operands().get(i)));
      for (int j = 0; j < values.length; j++) {
        // Few different values, so that comparisons for equality meet equal ones.
        values[j] = spec.function().readsTruth(i)
            ? 100 * random.nextInt(3)
            : Math.round(values[j] * 4) / 2f;
      }
      inputs.add(values);
      if (spec.function().readsTruth(i)) {
        byte[] truth = new byte[values.length];
        for (int j = 0; j < truth.length; j++) {
          truth[j] = (byte) values[j];
        }
        launch.pointer(bench.bytes(truth).address());
      } else {
        launch.pointer(bench.memory(values, 4).address());
      }
    }
    int count = count(spec.sizes());
    KernelBench.Memory out = bench.memory(new float[count], 4);
    NativeBuffer truth = bench.bytes(new byte[count]);
    launch.pointer(spec.function().givesTruth() ? truth.address() : out.address());
    bench.run(launch, spec.workItems());
    float[] found = out.floats();
    double[] expected = new double[count];
    for (int i = 0; i < count; i++) {
      if (spec.function().givesTruth()) {
        found[i] = truth.view(i, 1).get(0);
      }
      double[] x = new double[3];
      for (int operand = 0; operand < inputs.size(); operand++) {
        x[operand] =
            inputs.get(operand)[indexOf(i, spec.sizes(), spec.operands().get(operand))];
      }
      expected[i] = plain(spec.function(), x);
    }
    KernelBench.assertClose(spec.functionName(), found, expected, 1e-6);
  }

  private static double plain(Function function, double[] x) {
    return switch (function) {
      case ADD -> x[0] + x[1];
      case SUB -> x[0] - x[1];
      case MUL -> x[0] * x[1];
      case SELECT -> x[0] != 0 ? x[1] : x[2];
      case GREATER_OR_EQUAL -> x[0] >= x[1] ? 1 : 0;
      case EQUAL -> x[0] == x[1] ? 1 : 0;
      case AND_NOT -> x[0] != 0 && x[1] == 0 ? 1 : 0;
      case MODULATE -> x[0] * (1 + x[2]) + x[1];
      case GELU ->
        x[0] / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x[0] + 0.044715 * x[0] * x[0] * x[0])));
      case SILU -> x[0] / (1 + Math.exp(-x[0]));
    };
  }

  private static int count(List<Long> sizes) {
    return (int) sizes.stream().mapToLong(s -> s).reduce(1, (a, b) -> a * b);
  }

  private static int indexOf(int index, List<Long> sizes, List<Long> operand) {
    long rest = index;
    long at = 0;
    long stride = 1;
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      at += rest % sizes.get(axis) % operand.get(axis) * stride;
      stride *= operand.get(axis);
      rest /= sizes.get(axis);
    }
    return (int) at;
  }

  @Test
  void activationsAreExactOverTheWholeRange() {
    int count = 40001;
    List<Long> sizes = List.of((long) count);
    ElementwiseSpec gelu = new ElementwiseSpec(Function.GELU, sizes, List.of(sizes));
    ElementwiseSpec silu = new ElementwiseSpec(Function.SILU, sizes, List.of(sizes));
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (i - 20000) / 200f;
    }
    try (KernelBench bench = new KernelBench(List.of(gelu, silu), 1)) {
      for (ElementwiseSpec spec : List.of(gelu, silu)) {
        KernelBench.Memory out = bench.memory(new float[count]);
        bench.run(
            bench.launch(spec).pointer(bench.memory(x).address()).pointer(out.address()),
            spec.workItems());
        double[] expected = new double[count];
        for (int i = 0; i < count; i++) {
          expected[i] = plain(spec.function(), new double[] {x[i], 0, 0});
        }
        KernelBench.assertClose(spec.functionName(), out.floats(), expected, 4e-7);
      }
    }
  }

  @Test
  void aCopyMovesEveryElementAndFillsWithZeros() {
    // [2, 3, 5] padded to [2, 4, 7], and its last two axes swapped.
    CopySpec pad = new CopySpec(
        4,
        List.of(2L, 4L, 7L),
        List.of(2L, 3L, 5L),
        0,
        List.of(15L, 5L, 1L),
        0,
        List.of(28L, 7L, 1L));
    CopySpec swap = new CopySpec(
        4,
        List.of(2L, 5L, 3L),
        List.of(2L, 5L, 3L),
        0,
        List.of(15L, 1L, 5L),
        0,
        List.of(15L, 3L, 1L));
    CopySpec slice = new CopySpec(
        4,
        List.of(2L, 3L, 2L),
        List.of(2L, 3L, 2L),
        3,
        List.of(15L, 5L, 1L),
        0,
        List.of(6L, 2L, 1L));
    CopySpec one = new CopySpec(4, List.of(30L), List.of(30L), 0, List.of(1L), 0, List.of(1L));
    float[] in = KernelBench.random(random, 30);
    try (KernelBench bench = new KernelBench(List.of(pad, swap, slice, one), 2)) {
      assertThat(copied(bench, one, in, 30)).containsExactly(in);
      float[] padded = copied(bench, pad, in, 56);
      float[] swapped = copied(bench, swap, in, 30);
      float[] sliced = copied(bench, slice, in, 12);
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 4; b++) {
          for (int c = 0; c < 7; c++) {
            float expected = b < 3 && c < 5 ? in[a * 15 + b * 5 + c] : 0;
            assertThat(padded[a * 28 + b * 7 + c]).isEqualTo(expected);
            if (b < 3 && c < 5) {
              assertThat(swapped[a * 15 + c * 3 + b]).isEqualTo(expected);
            }
            if (b < 3 && c >= 3 && c < 5) {
              assertThat(sliced[a * 6 + b * 2 + c - 3]).isEqualTo(expected);
            }
          }
        }
      }
    }
  }

  private float[] copied(KernelBench bench, CopySpec spec, float[] in, int count) {
    float[] noise = KernelBench.random(random, count);
    KernelBench.Memory out = bench.memory(noise, 4);
    bench.run(
        bench.launch(spec).pointer(bench.memory(in, 4).address()).pointer(out.address()),
        spec.workItems());
    return out.floats();
  }

  @Test
  void theGuidedStepMovesTheLatentAlongTheGuidedVelocity() {
    GuidedStepSpec spec = new GuidedStepSpec();
    try (KernelBench bench = new KernelBench(List.of(spec), 2)) {
      for (int[] shape : new int[][] {{1, 1, 1}, {2, 37, 74}, {3, 5000, 10000}, {1, 4096, 4096}}) {
        int videos = shape[0];
        int elements = shape[1];
        int perSample = shape[2];
        float[] prediction = KernelBench.random(random, 2 * videos * perSample);
        float[] z = KernelBench.random(random, videos * elements);
        float[] dt = KernelBench.random(random, videos);
        KernelBench.Memory out = bench.memory(z, 4);
        bench.run(
            bench
                .launch(spec)
                .pointer(bench.memory(prediction, 4).address())
                .pointer(out.address())
                .pointer(bench.memory(new float[] {7}, 4).address())
                .pointer(bench.memory(dt, 4).address())
                .pointer(out.address())
                .integer(videos)
                .integer(elements)
                .integer(perSample),
            spec.workItems(videos, elements));
        double[] expected = new double[videos * elements];
        for (int i = 0; i < expected.length; i++) {
          int video = i / elements;
          double c = prediction[video * perSample + i % elements];
          double u = prediction[(video + videos) * perSample + i % elements];
          expected[i] = z[i] + (u + 7 * (c - u)) * dt[video];
        }
        KernelBench.assertClose("guided step of " + elements, out.floats(), expected, 3e-6);
      }
    }
  }
}
