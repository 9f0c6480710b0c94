package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I1;
import static org.quantcache.ir.types.ScalarType.U8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.executor.CastForm;
import org.quantcache.codegen.tir.CopySpec;
import org.quantcache.codegen.tir.ElementwiseSpec;
import org.quantcache.codegen.tir.ElementwiseSpec.Function;
import org.quantcache.codegen.tir.GuidedStepSpec;
import org.quantcache.codegen.tir.HistorySpec;
import org.quantcache.codegen.tir.HistorySpec.Action;
import org.quantcache.ir.types.ScalarType;

/** Elementwise work, copies, histories and the guided step against plain arithmetic. */
class ElementKernelsTest {
  /** Sizes of the result and of up to three operands. */
  private static final List<List<List<Long>>> SHAPES = List.of(
      List.of(List.of(), List.of(), List.of(), List.of()),
      List.of(List.of(33L), List.of(33L), List.of(1L), List.of(33L)),
      List.of(
          List.of(4L, 3L, 5L, 16L),
          List.of(2L, 3L, 1L, 16L),
          List.of(4L, 1L, 5L, 1L),
          List.of(4L, 3L, 5L, 16L)),
      List.of(
          List.of(2L, 7L, 19L), List.of(1L, 7L, 19L), List.of(2L, 1L, 19L), List.of(1L, 1L, 1L)));

  private final Random random = new Random(4);

  private static int operands(Function function) {
    return switch (function) {
      case GELU, SILU -> 1;
      case SELECT, MODULATE -> 3;
      default -> 2;
    };
  }

  private static List<ScalarType> types(Function function, ScalarType floats) {
    List<ScalarType> out = new ArrayList<>(Collections.nCopies(operands(function) + 1, floats));
    switch (function) {
      case SELECT -> out.set(0, I1);
      case AND_NOT -> Collections.fill(out, U8);
      case GREATER_OR_EQUAL, EQUAL -> out.set(2, I1);
      default -> {}
    }
    return out;
  }

  @Test
  void everyFunctionBroadcastsLikePlainArithmetic() {
    Map<CudaKernel, ElementwiseSpec> specs = new LinkedHashMap<>();
    Map<CudaKernel, List<ScalarType>> kinds = new LinkedHashMap<>();
    for (List<List<Long>> shape : SHAPES) {
      for (Function function : Function.values()) {
        ScalarType floats = (shape.get(0).size() + function.ordinal()) % 2 == 0 ? F32 : BF16;
        ElementwiseSpec spec =
            new ElementwiseSpec(function, shape.get(0), shape.subList(1, 1 + operands(function)));
        CudaKernel kernel = ElementKernels.of(spec, types(function, floats));
        specs.put(kernel, spec);
        kinds.put(kernel, types(function, floats));
      }
    }
    try (CudaBench bench = new CudaBench(specs.keySet())) {
      specs.forEach((kernel, spec) -> check(bench, kernel, spec, kinds.get(kernel)));
    }
  }

  private static int count(List<Long> sizes) {
    return sizes.stream().mapToInt(Long::intValue).reduce(1, (a, b) -> a * b);
  }

  private void check(
      CudaBench bench, CudaKernel kernel, ElementwiseSpec spec, List<ScalarType> types) {
    List<CudaBench.Elements> pointers = new ArrayList<>();
    List<float[]> inputs = new ArrayList<>();
    for (int i = 0; i < spec.operands().size(); i++) {
      float[] values = new float[count(spec.operands().get(i))];
      for (int j = 0; j < values.length; j++) {
        // Few different values, so that comparisons for equality meet equal ones.
        values[j] = types.get(i).isFloat()
            ? Math.round(random.nextGaussian() * 4) / 2f
            : 100 * random.nextInt(3);
      }
      inputs.add(values);
      pointers.add(bench.elements(types.get(i), values));
    }
    ScalarType result = types.get(types.size() - 1);
    CudaBench.Elements out = bench.zeros(result, count(spec.sizes()));
    pointers.add(out);
    // The number of work items does not matter.
    bench.run(kernel, spec.workItems(), pointers, List.of());

    float[] expected = new float[count(spec.sizes())];
    for (int e = 0; e < expected.length; e++) {
      double[] x = new double[inputs.size()];
      for (int i = 0; i < x.length; i++) {
        x[i] = inputs.get(i)[place(e, spec.sizes(), spec.operands().get(i))];
      }
      expected[e] = CudaBench.rounded(result, value(spec.function(), x));
    }
    double share = result == BF16 ? 0x1p-7 : 1e-6;
    boolean exact =
        !List.of(Function.GELU, Function.SILU, Function.MODULATE).contains(spec.function());
    CudaBench.requireClose(
        kernel,
        out.floats(),
        expected,
        i -> exact ? 0 : share * Math.max(1, Math.abs(expected[i])));
  }

  private static int place(int element, List<Long> sizes, List<Long> own) {
    int rest = element;
    int stride = 1;
    int place = 0;
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      place += (int) (rest % sizes.get(axis) % own.get(axis)) * stride;
      stride *= own.get(axis).intValue();
      rest /= sizes.get(axis).intValue();
    }
    return place;
  }

  private static double value(Function function, double[] x) {
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
        x[0] / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x[0] + 0.044715 * Math.pow(x[0], 3))));
      case SILU -> x[0] / (1 + Math.exp(-x[0]));
    };
  }

  @Test
  void neighbouringAxesBecomeOne() {
    BroadcastShape rows = BroadcastShape.of(
        List.of(2L, 16L, 256L, 1152L),
        List.of(List.of(2L, 16L, 256L, 1152L), List.of(1L, 1L, 1L, 1152L)));
    assertThat(rows.sizes()).containsExactly(2L * 16 * 256 * 1152);
    assertThat(rows.operand(1)).containsExactly(1152L);
    assertThat(rows.width(8)).isEqualTo(8);
    BroadcastShape samples = BroadcastShape.of(
        List.of(2L, 16L, 256L, 130L),
        List.of(List.of(2L, 16L, 256L, 130L), List.of(2L, 1L, 1L, 1L)));
    assertThat(samples.sizes()).containsExactly(2L, 16L * 256 * 130);
    assertThat(samples.operand(1)).containsExactly(2L, 1L);
    assertThat(samples.width(8)).isEqualTo(8);
    assertThat(BroadcastShape.of(List.of(3L, 0L), List.of(List.of(3L, 0L))).count())
        .isEqualTo(1);
  }

  @Test
  void copiesMoveElementsOfEverySize() {
    List<CopySpec> specs = new ArrayList<>();
    for (int bytes : new int[] {1, 2, 4}) {
      // A permutation, a cut whose rows lie 3 apart, a padded tensor, a part of a row.
      specs.add(new CopySpec(
          bytes,
          List.of(2L, 3L, 5L, 16L),
          List.of(2L, 3L, 5L, 16L),
          0,
          List.of(240L, 16L, 48L, 1L),
          0,
          List.of(240L, 80L, 16L, 1L)));
      specs.add(new CopySpec(
          bytes, List.of(5L, 8L), List.of(5L, 8L), 3, List.of(11L, 1L), 0, List.of(8L, 1L)));
      specs.add(new CopySpec(
          bytes,
          List.of(4L, 6L, 7L),
          List.of(3L, 6L, 5L),
          0,
          List.of(30L, 5L, 1L),
          0,
          List.of(42L, 7L, 1L)));
      specs.add(new CopySpec(bytes, List.of(), List.of(), 2, List.of(), 1, List.of()));
    }
    Map<CudaKernel, CopySpec> kernels = new LinkedHashMap<>();
    specs.forEach(spec ->
        kernels.put(ElementKernels.of(spec, List.of(kind(spec), kind(spec))), spec));
    try (CudaBench bench = new CudaBench(kernels.keySet())) {
      kernels.forEach((kernel, spec) -> {
        CudaBench.Elements in = bench.random(random, kind(spec), 500, 50);
        CudaBench.Elements out = bench.random(random, kind(spec), 500, 50);
        float[] from = in.floats();
        float[] expected = out.floats();
        bench.run(kernel, spec.workItems(), List.of(in, out), List.of());
        for (int e = 0; e < count(spec.sizes()); e++) {
          int rest = e;
          int at = (int) spec.inBase();
          int to = (int) spec.outBase();
          boolean inside = true;
          for (int axis = spec.sizes().size() - 1; axis >= 0; axis--) {
            int index = rest % spec.sizes().get(axis).intValue();
            rest /= spec.sizes().get(axis).intValue();
            at += index * spec.inStrides().get(axis).intValue();
            to += index * spec.outStrides().get(axis).intValue();
            inside &= index < spec.limits().get(axis);
          }
          expected[to] = inside ? from[at] : 0;
        }
        CudaBench.requireClose(kernel, out.floats(), expected, i -> 0);
      });
    }
  }

  private static ScalarType kind(CopySpec spec) {
    return spec.bytes() == 1 ? U8 : spec.bytes() == 2 ? BF16 : F32;
  }

  @Test
  void copiesOfWholeRowsMoveSixteenBytesAtOnce() {
    CopyShape shape = CopyShape.of(new CopySpec(
        2,
        List.of(2L, 4L, 3L, 1152L),
        List.of(2L, 4L, 3L, 1152L),
        1152,
        List.of(13824L, 1152L, 4608L, 1L),
        0,
        List.of(13824L, 3456L, 1152L, 1L)));
    assertThat(shape.bytes()).isEqualTo(16);
    assertThat(shape.inBase()).isEqualTo(144);
    assertThat(shape.axes()).hasSize(4);
    assertThat(shape.axes().get(3)).isEqualTo(new CopyShape.Axis(144, 144, 1, 1));
    CopyShape whole = CopyShape.of(
        new CopySpec(4, List.of(6L, 5L), List.of(6L, 5L), 0, List.of(5L, 1L), 0, List.of(5L, 1L)));
    assertThat(whole.bytes()).isEqualTo(8);
    assertThat(whole.axes()).containsExactly(new CopyShape.Axis(15, 15, 1, 1));
  }

  @Test
  void castsRoundToTheNearest() {
    CudaKernel narrow = ElementKernels.of(new CastForm(F32, BF16), List.of(F32, BF16));
    CudaKernel wide = ElementKernels.of(new CastForm(BF16, F32), List.of(BF16, F32));
    try (CudaBench bench = new CudaBench(List.of(narrow, wide))) {
      for (int count : new int[] {1, 8, 2051}) {
        CudaBench.Elements x = bench.random(random, F32, count, 1e3f);
        CudaBench.Elements half = bench.zeros(BF16, count);
        CudaBench.Elements back = bench.zeros(F32, count);
        bench.run(narrow, count, List.of(x, half), List.of());
        bench.run(wide, count, List.of(half, back), List.of());
        float[] expected = x.floats();
        for (int i = 0; i < count; i++) {
          expected[i] = CudaBench.rounded(BF16, expected[i]);
        }
        CudaBench.requireClose(wide, back.floats(), expected, i -> 0);
      }
    }
    assertThatThrownBy(() -> ElementKernels.of(new CastForm(F32, BF16), List.of(BF16, F32)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void historiesMoveBackAndForetell() {
    for (int channels : new int[] {5, 16}) {
      HistorySpec remember = new HistorySpec(Action.REMEMBER, 2, channels);
      HistorySpec foretell = new HistorySpec(Action.FORETELL, 2, channels);
      List<ScalarType> types = List.of(BF16, F32, F32, F32);
      CudaKernel first = ElementKernels.of(remember, types);
      CudaKernel second = ElementKernels.of(foretell, types);
      try (CudaBench bench = new CudaBench(List.of(first, second))) {
        int rows = 6;
        int count = rows * channels;
        CudaBench.Elements value = bench.random(random, BF16, count, 1);
        CudaBench.Elements base = bench.random(random, F32, count / 2, 1);
        CudaBench.Elements newest = bench.random(random, F32, count, 1);
        CudaBench.Elements oldest = bench.zeros(F32, count);
        List<CudaBench.Elements> pointers = List.of(value, base, newest, oldest);
        float[] before = newest.floats();
        float[] difference = value.floats();
        for (int i = 0; i < count; i++) {
          difference[i] -= base.floats()[i % (count / 2)];
        }
        bench.run(first, rows, pointers, List.of(rows / 2));
        CudaBench.requireClose(first, newest.floats(), difference, i -> 0);
        CudaBench.requireClose(first, oldest.floats(), before, i -> 0);

        bench.run(second, rows, pointers, List.of(rows / 2), 1.5f, -0.5f);
        float[] expected = new float[count];
        for (int i = 0; i < count; i++) {
          expected[i] = base.floats()[i % (count / 2)] + 1.5f * difference[i] - 0.5f * before[i];
        }
        CudaBench.requireClose(
            second, value.floats(), expected, i -> 0x1p-7 * (1 + Math.abs(expected[i])));
      }
    }
  }

  @Test
  void guidedStepFollowsTheDefinition() {
    GuidedStepSpec spec = new GuidedStepSpec();
    CudaKernel kernel = ElementKernels.of(spec, List.of(BF16, F32, F32, F32, F32));
    try (CudaBench bench = new CudaBench(List.of(kernel))) {
      int videos = 2;
      for (int elements : new int[] {1, 4096, 5000}) {
        int perSample = elements + 3;
        CudaBench.Elements prediction = bench.random(random, BF16, 2 * videos * perSample, 1);
        CudaBench.Elements z = bench.random(random, F32, videos * elements, 1);
        CudaBench.Elements out = bench.zeros(F32, videos * elements);
        bench.run(
            kernel,
            spec.workItems(videos, elements),
            List.of(prediction, z, bench.elements(F32, 7), bench.elements(F32, 0.1f, 0.2f), out),
            List.of(videos, elements, perSample));
        float[] p = prediction.floats();
        float[] expected = z.floats();
        for (int i = 0; i < expected.length; i++) {
          int video = i / elements;
          float c = p[video * perSample + i % elements];
          float u = p[(videos + video) * perSample + i % elements];
          expected[i] += (u + (c - u) * 7) * (video == 0 ? 0.1f : 0.2f);
        }
        CudaBench.requireClose(kernel, out.floats(), expected, i -> 1e-5);
      }
    }
  }
}
