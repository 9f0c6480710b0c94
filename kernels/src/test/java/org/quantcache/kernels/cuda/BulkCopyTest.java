package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** The emulation of copies in one piece, and of barriers that count their bytes. */
class BulkCopyTest {
  private static final int ROUNDS = 6;
  private static final int INTS = 64;

  /** One warp brings pieces to two slots by turns, another adds them up. */
  private static final String RING = """
      constexpr int INTS = 64;
      QC_KERNEL(64) ring(const int* x, int* out, int rounds) {
        QC_DYNAMIC_SHARED(memory);
        int* slots = (int*)memory;
        u64* filled = (u64*)(memory + 2 * 4 * INTS);
        u64* emptied = filled + 2;
        if (threadIdx.x == 0) {
          for (int i = 0; i < 2; i++) {
            barrier_start(filled + i, 1);
            barrier_start(emptied + i, EMPTIED);
          }
          FENCE;
        }
        sync_block();
        int sum = 0;
        for (int round = 0; round < rounds; round++) {
          int slot = round % 2;
          int parity = round / 2 % 2;
          if (warp_index() == 0) {
            EMPTY_WAIT;
            if (threadIdx.x == 0) {
              barrier_expect(filled + slot, EXPECTED);
              const int* from = x + round * INTS;
              copy_bulk(slots + slot * INTS, from, 2 * INTS, filled + slot);
              copy_bulk(slots + slot * INTS + INTS / 2 + OFFSET, from + INTS / 2, LENGTH, filled + slot);
            }
          } else {
            FULL_WAIT;
            sum += slots[slot * INTS + lane_index()] + slots[slot * INTS + 63 - lane_index()];
            barrier_arrive(emptied + slot);
          }
        }
        if (warp_index() == 1) {
          out[lane_index()] = sum;
        }
      }
      QC_REGISTER(ring)
      """;

  /** The kernel with parts of it replaced. */
  private static String ring(String... replaced) {
    String text = RING;
    for (int i = 0; i < replaced.length; i += 2) {
      text = text.replace(replaced[i], replaced[i + 1]);
    }
    return text.replace("EMPTIED", "32")
        .replace("FENCE", "shared_fence()")
        .replace("EXPECTED", "4 * INTS")
        .replace("LENGTH", "2 * INTS")
        .replace("OFFSET", "0")
        .replace("EMPTY_WAIT", "barrier_wait(emptied + slot, parity ^ 1)")
        .replace("FULL_WAIT", "barrier_wait(filled + slot, parity)");
  }

  private static int[] run(String text, long seed) {
    try (EmulatedKernels kernels = new EmulatedKernels(text)) {
      EmulatedDriver.setSeed(seed);
      DeviceMemory out = kernels.memory(4 * 32);
      kernels
          .launch("ring")
          .pointer(kernels.ints(input()).address())
          .pointer(out.address())
          .integer(ROUNDS)
          .geometry(1, 64, 2 * 4 * INTS + 4 * 8)
          .build(kernels.launches)
          .run(kernels.stream);
      kernels.stream.synchronize();
      return EmulatedKernels.ints(out);
    }
  }

  private static int[] input() {
    int[] x = new int[ROUNDS * INTS];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1 + i * i;
    }
    return x;
  }

  private static int[] expected() {
    int[] x = input();
    int[] out = new int[32];
    for (int i = 0; i < x.length; i++) {
      int at = i % INTS;
      out[Math.min(at, INTS - 1 - at)] += x[i];
    }
    return out;
  }

  @Test
  void piecesAreThereWhenTheirBarrierSaysSo() {
    for (long seed = 0; seed < 16; seed++) {
      assertThat(run(ring(), seed)).isEqualTo(expected());
    }
  }

  /** Whoever reads before the pieces are there, or has them overwritten, gets something else. */
  @ParameterizedTest
  @CsvSource({"FULL_WAIT", "EMPTY_WAIT"})
  void aMissingWaitShows(String wait) {
    int wrong = 0;
    for (long seed = 0; seed < 8; seed++) {
      try {
        wrong += Arrays.equals(run(ring(wait, ""), seed), expected()) ? 0 : 1;
      } catch (UserError e) {
        assertThat(e.code()).isEqualTo("RT0508");
        wrong++;
      }
    }
    assertThat(wrong).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EXPECTED | 4 * INTS + 16 | lacks 0 arrivals and 16 bytes",
        "EXPECTED | 4 * INTS - 16 | lacks 0 arrivals and -16 bytes",
        "LENGTH   | 2 * INTS - 8  | not whole pieces of 16 bytes",
        "OFFSET   | 2             | not aligned to 16 bytes",
        "OFFSET   | 2 * INTS      | not in shared memory",
        "FENCE    | ''            | needs shared_fence after barrier_start",
        "EMPTIED  | 33            | nothing arrives at a barrier"
      })
  void whatNoCardCouldDoIsReported(String part, String instead, String message) {
    try {
      run(ring(part, instead), 3);
    } catch (UserError e) {
      assertThat(e.code()).isEqualTo("RT0508");
      assertThat(e.getMessage()).contains("ring", message);
      return;
    }
    throw new AssertionError("nothing was found");
  }
}
