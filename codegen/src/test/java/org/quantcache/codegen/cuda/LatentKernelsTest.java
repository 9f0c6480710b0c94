package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.executor.FinalStepForm;
import org.quantcache.codegen.executor.PatchEmbedForm;
import org.quantcache.codegen.executor.PatchGrid;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** The ends of a step against plain arithmetic: latents without whole patches, any number of channels. */
class LatentKernelsTest {
  private static final double EPSILON = 1e-6;

  /** Latent channels, frames, rows, columns; patch; channels of a token; samples. */
  private record Size(List<Long> latent, List<Long> patch, int channels, int samples) {
    PatchGrid grid() {
      return new PatchGrid(latent, patch);
    }

    /** Index within a channel of place {@code inner} of a patch, -1 behind the end; counted out by coordinates. */
    int at(int token, int inner) {
      int index = 0;
      long outer = grid().tokens();
      long within = patch.get(0) * patch.get(1) * patch.get(2);
      long tokenRest = token;
      long innerRest = inner;
      for (int axis = 0; axis < 3; axis++) {
        outer /= (latent.get(axis + 1) + patch.get(axis) - 1) / patch.get(axis);
        within /= patch.get(axis);
        long coordinate = tokenRest / outer * patch.get(axis) + innerRest / within;
        tokenRest %= outer;
        innerRest %= within;
        if (coordinate >= latent.get(axis + 1)) {
          return -1;
        }
        index = (int) (index * latent.get(axis + 1) + coordinate);
      }
      return index;
    }

    int perChannel() {
      return (int) (latent.get(1) * latent.get(2) * latent.get(3));
    }
  }

  private static final List<Size> SIZES = List.of(
      new Size(List.of(4L, 2L, 6L, 10L), List.of(1L, 2L, 2L), 128, 2),
      new Size(List.of(3L, 2L, 5L, 7L), List.of(1L, 2L, 2L), 33, 1),
      new Size(List.of(1L, 1L, 1L, 1L), List.of(1L, 1L, 1L), 1, 3),
      new Size(List.of(5L, 3L, 3L, 5L), List.of(2L, 1L, 3L), 70, 2),
      new Size(List.of(4L, 1L, 9L, 16L), List.of(1L, 2L, 2L), 1152, 1));

  private final Random random = new Random(12);

  @Test
  void patchesBecomeTokens() {
    Map<CudaKernel, Size> kernels = new LinkedHashMap<>();
    Map<CudaKernel, List<ScalarType>> kinds = new LinkedHashMap<>();
    for (Size size : SIZES) {
      for (ScalarType out : List.of(F32, BF16)) {
        List<ScalarType> types = List.of(out == F32 ? BF16 : F32, F32, F32, F32, out);
        CudaKernel kernel =
            LatentKernels.of(new PatchEmbedForm(size.grid(), size.channels()), types);
        kernels.put(kernel, size);
        kinds.put(kernel, types);
      }
    }
    try (CudaBench bench = new CudaBench(kernels.keySet())) {
      kernels.forEach((kernel, size) -> checkEmbed(bench, kernel, size, kinds.get(kernel)));
    }
  }

  private void checkEmbed(CudaBench bench, CudaKernel kernel, Size size, List<ScalarType> types) {
    int tokens = (int) size.grid().tokens();
    int elements = size.grid().elements();
    int inChannels = size.latent().get(0).intValue();
    int volume = elements / inChannels;
    int places = tokens
        / (int) ((size.latent().get(1) + size.patch().get(0) - 1) / size.patch().get(0));
    int channels = size.channels();
    int perSample = inChannels * size.perChannel();
    CudaBench.Elements z = bench.random(random, types.get(0), size.samples() * perSample, 2);
    CudaBench.Elements weight = bench.random(random, F32, channels * elements, 1);
    CudaBench.Elements bias = bench.random(random, F32, channels, 1);
    CudaBench.Elements position = bench.random(random, F32, places * channels, 1);
    CudaBench.Elements out = bench.zeros(types.get(4), size.samples() * tokens * channels);
    float[] latents = z.floats();
    float[] weights = weight.floats();
    float[] added = bias.floats();
    float[] table = position.floats();
    float[] expected = new float[size.samples() * tokens * channels];
    for (int i = 0; i < expected.length; i++) {
      int channel = i % channels;
      int token = i / channels % tokens;
      int sample = i / channels / tokens;
      double sum = added[channel] + table[token % places * channels + channel];
      for (int e = 0; e < elements; e++) {
        int at = size.at(token, e % volume);
        int from = sample * perSample + e / volume * size.perChannel() + at;
        sum += at < 0 ? 0 : latents[from] * (double) weights[channel * elements + e];
      }
      expected[i] = CudaBench.rounded(types.get(4), sum);
    }
    float[] first = null;
    for (long seed : new long[] {1, 2, 77}) {
      EmulatedDriver.setSeed(seed);
      bench.run(
          kernel, size.samples() * tokens, List.of(z, weight, bias, position, out), List.of());
      double share = types.get(4) == BF16 ? 0x1p-7 : 1e-5;
      CudaBench.requireClose(
          kernel, out.floats(), expected, i -> share * Math.max(1, Math.abs(expected[i])));
      first = first == null ? out.floats() : first;
      assertThat(out.floats()).containsExactly(first);
    }
  }

  @Test
  void tokensBecomeTheNextLatent() {
    Map<CudaKernel, Size> kernels = new LinkedHashMap<>();
    Map<CudaKernel, List<ScalarType>> kinds = new LinkedHashMap<>();
    for (Size size : SIZES) {
      for (ScalarType x : List.of(F32, BF16)) {
        List<ScalarType> types = new ArrayList<>(Collections.nCopies(9, F32));
        types.set(0, x);
        types.set(2, x);
        CudaKernel kernel = LatentKernels.of(
            new FinalStepForm(size.grid(), size.channels(), outputs(size), EPSILON), types);
        kernels.put(kernel, size);
        kinds.put(kernel, types);
      }
    }
    try (CudaBench bench = new CudaBench(kernels.keySet())) {
      kernels.forEach((kernel, size) -> checkStep(bench, kernel, size, kinds.get(kernel)));
    }
  }

  /** One more than the latent has, so that some columns are not needed, but for latents of four channels. */
  private static int outputs(Size size) {
    int channels = size.latent().get(0).intValue();
    return channels == 4 ? channels : channels + 1;
  }

  private void checkStep(CudaBench bench, CudaKernel kernel, Size size, List<ScalarType> types) {
    int tokens = (int) size.grid().tokens();
    int inChannels = size.latent().get(0).intValue();
    int volume = size.grid().elements() / inChannels;
    int columns = volume * outputs(size);
    int channels = size.channels();
    int videos = size.samples();
    int frames =
        (int) ((size.latent().get(1) + size.patch().get(0) - 1) / size.patch().get(0));
    CudaBench.Elements x = bench.random(random, types.get(0), 2 * videos * tokens * channels, 3);
    // A row of shift and scale for each frame of each sample.
    CudaBench.Elements shift =
        bench.random(random, types.get(1), 2 * videos * frames * channels, 1);
    CudaBench.Elements scale =
        bench.random(random, types.get(2), 2 * videos * frames * channels, 1);
    CudaBench.Elements weight = bench.random(random, F32, columns * channels, 0.2f);
    CudaBench.Elements bias = bench.random(random, F32, columns, 1);
    float[] before =
        bench.random(random, F32, videos * inChannels * size.perChannel(), 1).floats();
    CudaBench.Elements guidance = bench.elements(F32, 7);
    CudaBench.Elements sizes = bench.random(random, F32, videos, 0.1f);
    float[] velocities = new float[2 * videos * tokens * columns];
    float[] values = x.floats();
    float[] weights = weight.floats();
    float[] added = bias.floats();
    float[] shifts = shift.floats();
    float[] scales = scale.floats();
    float[] steps = sizes.floats();
    for (int row = 0; row < 2 * videos * tokens; row++) {
      int table = row / (tokens / frames);
      double[] normed = new double[channels];
      double mean = 0;
      for (int c = 0; c < channels; c++) {
        mean += values[row * channels + c] / (double) channels;
      }
      double variance = 0;
      for (int c = 0; c < channels; c++) {
        normed[c] = values[row * channels + c] - mean;
        variance += normed[c] * normed[c] / channels;
      }
      for (int c = 0; c < channels; c++) {
        normed[c] = normed[c] / Math.sqrt(variance + EPSILON) * (1 + scales[table * channels + c])
            + shifts[table * channels + c];
      }
      for (int o = 0; o < columns; o++) {
        double sum = added[o];
        for (int c = 0; c < channels; c++) {
          sum += normed[c] * weights[o * channels + c];
        }
        velocities[row * columns + o] = (float) sum;
      }
    }
    float[] expected = before.clone();
    for (int item = 0; item < videos * tokens; item++) {
      for (int o = 0; o < columns; o++) {
        int at = size.at(item % tokens, o / outputs(size));
        int channel = o % outputs(size);
        if (at >= 0 && channel < inChannels) {
          double c = velocities[item * columns + o];
          double u = velocities[(videos * tokens + item) * columns + o];
          int to = (item / tokens * inChannels + channel) * size.perChannel() + at;
          expected[to] += (float) ((u + 7 * (c - u)) * steps[item / tokens]);
        }
      }
    }
    float[] first = null;
    for (long seed : new long[] {3, 5, 8}) {
      EmulatedDriver.setSeed(seed);
      // In place, as the memory plan has it.
      CudaBench.Elements z = bench.elements(F32, before);
      bench.run(
          kernel,
          videos * tokens,
          List.of(x, shift, scale, weight, bias, z, guidance, sizes, z),
          List.of(tokens, tokens / frames, 2 * videos, frames));
      CudaBench.requireClose(
          kernel, z.floats(), expected, i -> 2e-5 * Math.max(1, Math.abs(expected[i])));
      first = first == null ? z.floats() : first;
      assertThat(z.floats()).containsExactly(first);
    }
  }

  @Test
  void weightsAndLatentsOfOtherKindsAreRefused() {
    PatchGrid grid = SIZES.get(0).grid();
    assertThatThrownBy(
            () -> LatentKernels.of(new PatchEmbedForm(grid, 8), List.of(F32, BF16, F32, F32, F32)))
        .hasMessageContaining("found bf16");
    List<ScalarType> types = new ArrayList<>(Collections.nCopies(9, F32));
    types.set(8, BF16);
    assertThatThrownBy(() -> LatentKernels.of(new FinalStepForm(grid, 8, 4, EPSILON), types))
        .hasMessageContaining("found bf16");
  }
}
