package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** The emulation finds what a GPU leaves to chance. */
class EmulatedDriverTest {
  private static final int ROWS = 12;
  private static final int CHANNELS = 1024;

  /** The sums of rows, through an asynchronous copy, shuffles and shared memory. */
  private static final String SUMS = """
      template <int channels>
      QC_DEVICE void sum_row(const float* x, float* out) {
        QC_DYNAMIC_SHARED(memory);
        QC_SHARED float parts[4];
        float* row = (float*)memory;
        for (int i = 4 * threadIdx.x; i < channels; i += 4 * blockDim.x) {
          copy_async(row + i, x + (size_t)blockIdx.x * channels + i, true);
        }
        copy_commit();
        WAIT;
        FIRST;
        float sum = 0;
        for (int i = threadIdx.x; i < channels; i += blockDim.x) {
          sum = add_rn(sum, row[channels - 1 - i]);
        }
        for (int mask = 16; mask > 0; mask /= 2) {
          sum = add_rn(sum, shuffle_xor(sum, mask));
        }
        if (lane_index() == 0) {
          parts[warp_index()] = sum;
        }
        SECOND;
        if (threadIdx.x == 0) {
          out[blockIdx.x] = parts[0] + parts[1] + parts[2] + parts[3];
        }
      }
      QC_KERNEL(128) sums(const float* x, float* out, int items) { sum_row<1024>(x, out); }
      QC_REGISTER(sums)
      """;

  private static String sums(String wait, String first, String second) {
    return SUMS.replace("WAIT", wait).replace("FIRST", first).replace("SECOND", second);
  }

  private static String correctSums() {
    return sums("copy_wait<0>()", "sync_block()", "sync_block()");
  }

  private static float[] input() {
    Random random = new Random(7);
    float[] x = new float[ROWS * CHANNELS];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(100);
    }
    return x;
  }

  private static float[] expected() {
    float[] x = input();
    float[] out = new float[ROWS];
    for (int i = 0; i < x.length; i++) {
      out[i / CHANNELS] += x[i];
    }
    return out;
  }

  private static float[] run(String text, long seed) {
    try (EmulatedKernels kernels = new EmulatedKernels(text)) {
      EmulatedDriver.setSeed(seed);
      DeviceMemory out = kernels.memory(4 * ROWS);
      kernels
          .launch("sums")
          .pointer(kernels.floats(input()).address())
          .pointer(out.address())
          .integer(ROWS)
          .geometry(ROWS, 128, 4 * CHANNELS)
          .build(kernels.launches)
          .run(kernels.stream);
      kernels.stream.synchronize();
      return EmulatedKernels.floats(out);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
  void aCorrectKernelGivesTheSameInEveryOrder(long seed) {
    assertThat(run(correctSums(), seed)).containsExactly(expected());
  }

  @ParameterizedTest
  @CsvSource({
    "'',             sync_block(), sync_block()",
    "copy_wait<1>(), sync_block(), sync_block()",
    "copy_wait<0>(), '',           sync_block()",
    "copy_wait<0>(), sync_warp(),  sync_block()",
    "copy_wait<0>(), sync_block(), ''"
  })
  void aMissingWaitOrBarrierShows(String wait, String first, String second) {
    for (long seed = 0; seed < 4; seed++) {
      assertThat(run(sums(wait, first, second), seed)).isNotEqualTo(expected());
    }
  }

  private static UserError failureOf(String text, int sharedBytes) {
    try (EmulatedKernels kernels = new EmulatedKernels(text)) {
      kernels
          .launch("broken")
          .pointer(kernels.memory(100).address())
          .geometry(1, 64, sharedBytes)
          .build(kernels.launches)
          .run(kernels.stream);
      try {
        kernels.stream.synchronize();
      } catch (UserError e) {
        return e;
      }
    }
    throw new AssertionError("nothing was found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "if (threadIdx.x != 5) sync_block();            | 1 of 64 threads of block 0 never come to a barrier",
        "if (threadIdx.x != 5) sync_warp();             | lanes of warp 0 of block 0 part",
        "if (threadIdx.x != 5) shuffle(1, 0); else sync_warp(); | lanes of warp 0 of block 0 part",
        "out[25] = 1;                                   | outside of an allocation of 100 bytes",
        "out[-1] = 1;                                   | outside of an allocation of 100 bytes",
        "QC_DYNAMIC_SHARED(m); m[256] = 1;              | behind its 256 bytes of dynamic shared memory",
        "QC_DYNAMIC_SHARED(m); copy_async(m + 8, out, true); | not aligned to 16 bytes",
        "QC_DYNAMIC_SHARED(m); copy_async(m + 256, out, true); | not in shared memory",
        "u32 r[4]; load_matrices(r, out);               | not in shared memory"
      })
  void whatAKernelMustNotDoIsReportedWithItsPlace(String body, String expected) {
    UserError failure =
        failureOf("QC_KERNEL(64) broken(float* out) {" + body + "}\nQC_REGISTER(broken)\n", 256);
    assertThat(failure.code()).isEqualTo("RT0508");
    assertThat(failure.getMessage()).contains("broken", expected);
  }

  @Test
  void afterAFailureTheDeviceIsUnusableUntilItIsOpenedAgain() {
    try (EmulatedKernels kernels = new EmulatedKernels(
        "QC_KERNEL(32) broken(float* out) { out[9] = 1; }\nQC_REGISTER(broken)\n")) {
      CudaLaunch launch =
          kernels.launch("broken").pointer(kernels.memory(4).address()).build(kernels.launches);
      launch.run(kernels.stream);
      assertThatThrownBy(kernels.device::synchronize).isInstanceOf(UserError.class);
      assertThatThrownBy(() -> launch.run(kernels.stream))
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0508"));
    }
    assertThat(run(correctSums(), 0)).containsExactly(expected());
  }

  @Test
  void productsOfWarpsFollowTheLayoutOfFragments() {
    String text = """
        // c[16, 8] = a[16, 32] b[8, 32]
        QC_KERNEL(32) bytes(const u8* a, const s8* b, int* c) {
          QC_SHARED u8 left[16 * 32];
          QC_SHARED u8 right[8 * 32];
          for (int i = threadIdx.x; i < 16 * 32; i += 32) {
            left[i] = a[i];
            right[i % 256] = (u8)b[i % 256];
          }
          sync_warp();
          int lane = lane_index();
          u32 x[4];
          u32 y[4];
          load_matrices(x, left + lane % 16 * 32 + lane / 16 * 16);
          load_matrices(y, right + lane % 8 * 32 + lane / 8 % 2 * 16);
          u32 columns[2] = {y[0], y[1]};
          int sums[4] = {0, 0, 0, 0};
          multiply_u8s8(sums, x, columns);
          for (int i = 0; i < 4; i++) {
            c[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sums[i];
          }
        }
        QC_REGISTER(bytes)

        // c[16, 8] = a[16, 16] b[16, 8], where b is read by columns
        template <class T>
        QC_DEVICE void multiply(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]);
        template <>
        QC_DEVICE void multiply<bf16>(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
          multiply_bf16(c, a, b);
        }
        template <>
        QC_DEVICE void multiply<f16>(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
          multiply_f16(c, a, b);
        }
        template <class T>
        QC_DEVICE void product(const u8* a, const s8* b, float* c) {
          QC_SHARED T left[16 * 16];
          QC_SHARED T right[16 * 8];
          for (int i = threadIdx.x; i < 16 * 16; i += 32) {
            left[i] = rounded<T>(a[i]);
            right[i % 128] = rounded<T>(b[i % 128]);
          }
          sync_warp();
          int lane = lane_index();
          u32 x[4];
          u32 y[4];
          load_matrices(x, left + lane % 16 * 16 + lane / 16 * 8);
          load_matrices_transposed(y, right + lane % 16 * 8);
          u32 columns[2] = {y[0], y[1]};
          float sums[4] = {1, 1, 1, 1};
          multiply<T>(sums, x, columns);
          for (int i = 0; i < 4; i++) {
            c[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sums[i];
          }
        }
        QC_KERNEL(32) brains(const u8* a, const s8* b, float* c) { product<bf16>(a, b, c); }
        QC_REGISTER(brains)
        QC_KERNEL(32) halves(const u8* a, const s8* b, float* c) { product<f16>(a, b, c); }
        QC_REGISTER(halves)
        """;
    byte[] a = new byte[512];
    byte[] b = new byte[256];
    new Random(3).nextBytes(a);
    new Random(4).nextBytes(b);
    try (EmulatedKernels kernels = new EmulatedKernels(text)) {
      DeviceMemory left = kernels.bytes(a);
      DeviceMemory right = kernels.bytes(b);
      for (String kernel : new String[] {"bytes", "brains", "halves"}) {
        DeviceMemory out = kernels.memory(4 * 16 * 8);
        kernels
            .launch(kernel)
            .pointer(left.address())
            .pointer(right.address())
            .pointer(out.address())
            .build(kernels.launches)
            .run(kernels.stream);
        kernels.stream.synchronize();
        boolean whole = kernel.equals("bytes");
        int depth = whole ? 32 : 16;
        for (int i = 0; i < 128; i++) {
          int sum = whole ? 0 : 1;
          for (int k = 0; k < depth; k++) {
            sum += Byte.toUnsignedInt(a[i / 8 * depth + k])
                * b[whole ? i % 8 * depth + k : k * 8 + i % 8];
          }
          float found = whole ? EmulatedKernels.ints(out)[i] : EmulatedKernels.floats(out)[i];
          assertThat(found).as("%s, element %d", kernel, i).isEqualTo(sum);
        }
      }
    }
  }

  @Test
  void numbersRoundAsOnAGpu() {
    String text = """
        QC_KERNEL(32) round_all(const float* in, float* out) {
          if (threadIdx.x != 0) {
            return;
          }
          out[0] = to_float(rounded<bf16>(in[0]));
          out[1] = to_float(rounded<f16>(in[0]));
          out[2] = to_float(rounded<f16>(in[1]));
          out[3] = to_float(rounded<f16>(in[2]));
          out[4] = to_float(rounded<bf16>(in[3]));
          out[5] = nearest(in[4]);
          out[6] = nearest(in[3]);
          out[7] = smaller(in[3], 2);
          out[8] = larger(1, in[3]);
          out[9] = exp2_fast(-127);
          out[10] = fma_rn(in[0], in[0], -1);
        }
        QC_REGISTER(round_all)
        """;
    try (EmulatedKernels kernels = new EmulatedKernels(text)) {
      DeviceMemory out = kernels.memory(44);
      float x = 1 + 0x1.8p-8f;
      kernels
          .launch("round_all")
          .pointer(kernels.floats(x, 65520, 0x1.8p-24f, Float.NaN, 2.5f).address())
          .pointer(out.address())
          .build(kernels.launches)
          .run(kernels.stream);
      kernels.stream.synchronize();
      assertThat(EmulatedKernels.floats(out))
          .containsExactly(
              1 + 0x1p-7f,
              1 + 0x1.8p-8f,
              Float.POSITIVE_INFINITY,
              0x1p-23f,
              Float.NaN,
              2,
              0,
              2,
              1,
              0,
              Math.fma(x, x, -1));
    }
  }

  @Test
  void kernelsThatTheCompilerRefusesAreACodedError() {
    EmulatedDriver.load();
    assertThatThrownBy(() -> EmulatedDriver.compile("QC_KERNEL(32) bad() { nonsense; }"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("RT0512");
          assertThat(e.getMessage()).contains("kernels:1", "nonsense");
        });
  }

  @Test
  void compilingTwiceGivesTheSameImage() {
    assertThat(EmulatedDriver.compile(correctSums()))
        .isEqualTo(EmulatedDriver.compile(correctSums()));
  }
}
