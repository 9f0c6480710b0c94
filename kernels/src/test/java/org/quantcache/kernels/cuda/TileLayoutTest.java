package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.pack.PanelPacker;
import org.quantcache.kernels.pack.QuadPacker;
import org.quantcache.kernels.pack.TilePacker;

/** The arithmetic of tiles in shared memory, as kernels have it. */
class TileLayoutTest {
  private static final Pattern NOT_OF_A_PROGRAM = Pattern.compile("(?m)^#(include|pragma once).*$");
  private static final int SLOTS = 5;

  private static final String SOURCE =
      Stream.of("tile_copy.cuh", "weight_tiles.cuh", "tiles.cuh", "warpgroup_layout.cuh")
              .map(KernelSources::text)
              .map(text -> NOT_OF_A_PROGRAM.matcher(text).replaceAll(""))
              .collect(Collectors.joining())
          + """
      using namespace products;
      QC_KERNEL(32) descriptors(const int* addresses, int* out, int count) {
        for (int i = 0; i < count; i++) {
          u64 descriptor = tile_descriptor((u32)addresses[i]);
          u64 last = further(descriptor, 96);
          out[4 * i] = (int)(u32)descriptor;
          out[4 * i + 1] = (int)(u32)(descriptor >> 32);
          out[4 * i + 2] = (int)(u32)last;
          out[4 * i + 3] = (int)(u32)(last >> 32);
        }
      }
      QC_REGISTER(descriptors)
      template <int bytes>
      void places(int* out, int rows) {
        for (int row = 0; row < rows; row++) {
          for (int chunk = 0; chunk < bytes / 16; chunk++) {
            out[row * (bytes / 16) + chunk] = swizzled<bytes>(row, chunk);
          }
        }
      }
      QC_KERNEL(32) swizzles(int* whole, int* half, int* quarter, int rows) {
        places<128>(whole, rows);
        places<64>(half, rows);
        places<32>(quarter, rows);
      }
      QC_REGISTER(swizzles)
      QC_KERNEL(32) deal(int* out, int count) {
        for (int row = 0; row < count; row++) {
          out[row] = dealt(row);
        }
      }
      QC_REGISTER(deal)
      QC_KERNEL(32) order(int* out, int row_blocks) {
        for (int tile = 0; tile < row_blocks * 3; tile++) {
          Place place = place_of_tile<3>(tile, row_blocks);
          out[2 * tile] = place.row;
          out[2 * tile + 1] = place.column;
        }
      }
      QC_REGISTER(order)
      // Value k of output n of a weight in tiles, whose values have so many bits.
      template <int bits>
      void values(const u8* weight, int* out) {
        constexpr int n = 70;
        constexpr int k = 150;
        using Weight = WeightTiles<n, (k * bits + 7) / 8, bits == 4>;
        int depth = Weight::tile_row_bytes * 8 / bits;
        for (int row = 0; row < Weight::panels * 64; row++) {
          for (int i = 0; i < Weight::steps * depth; i++) {
            int byte = i % depth * bits / 8;
            const u8* tile = weight + row / 64 * Weight::panel_bytes + i / depth * Weight::tile_bytes;
            const u8* at = tile + Weight::place(row % 64, byte / 16) + byte % 16;
            int value = bits == 16 ? (int)to_float(*(const bf16*)at)
                        : bits == 8 ? (s8)*at
                                    : (*at >> i % 2 * 4 & 15) - 8;
            out[dealt(row) * Weight::steps * depth + i] = value;
          }
        }
      }
      QC_KERNEL(32) halves(const u8* weight, int* out) { values<16>(weight, out); }
      QC_REGISTER(halves)
      QC_KERNEL(32) bytes(const u8* weight, int* out) { values<8>(weight, out); }
      QC_REGISTER(bytes)
      QC_KERNEL(32) pairs(const u8* weight, int* out) { values<4>(weight, out); }
      QC_REGISTER(pairs)
      QC_KERNEL(32) ring(int* out, int steps) {
        RingPlace<5> place;
        for (int i = 0; i < steps; i++) {
          out[3 * i] = place.slot;
          out[3 * i + 1] = place.parity;
          out[3 * i + 2] = place.slot_before();
          place.advance();
        }
      }
      QC_REGISTER(ring)
      """;

  private static int[] run(String kernel, int ints, int... numbers) {
    try (EmulatedKernels kernels = new EmulatedKernels(SOURCE)) {
      DeviceMemory out = kernels.memory(4L * ints);
      CudaLaunch.Builder launch = kernels.launch(kernel).pointer(out.address());
      for (int number : numbers) {
        launch.integer(number);
      }
      launch.geometry(1, 32, 0).build(kernels.launches).run(kernels.stream);
      kernels.stream.synchronize();
      return EmulatedKernels.ints(out);
    }
  }

  /** Bit fields of the PTX ISA, "Matrix descriptor format" of asynchronous warpgroup instructions. */
  @Test
  void descriptorsHaveTheDocumentedFields() {
    int[] addresses = {0, 1024, 5 * 40_960, 227 << 10};
    try (EmulatedKernels kernels = new EmulatedKernels(SOURCE)) {
      DeviceMemory in = kernels.ints(addresses);
      DeviceMemory out = kernels.memory(16L * addresses.length);
      kernels
          .launch("descriptors")
          .pointer(in.address())
          .pointer(out.address())
          .integer(addresses.length)
          .geometry(1, 32, 0)
          .build(kernels.launches)
          .run(kernels.stream);
      kernels.stream.synchronize();
      int[] words = EmulatedKernels.ints(out);
      for (int i = 0; i < addresses.length; i++) {
        int low = words[4 * i];
        int high = words[4 * i + 1];
        assertThat(low & 0x3fff).as("address").isEqualTo(addresses[i] >> 4);
        assertThat(low >>> 16 & 0x3fff).as("leading offset").isEqualTo(1);
        assertThat(high & 0x3fff).as("offset of eight rows").isEqualTo(1024 >> 4);
        assertThat(high >>> 17 & 7).as("base offset").isZero();
        assertThat(high >>> 30).as("swizzle of 128 bytes").isEqualTo(1);
        assertThat(words[4 * i + 2] - low).as("96 bytes further").isEqualTo(96 >> 4);
        assertThat(words[4 * i + 3]).isEqualTo(high);
      }
    }
  }

  /** A swizzled place turns bits 4 to 6 of an address by bits 7 to 9. */
  @Test
  void rowsOf128BytesAreSwizzledAsWarpgroupsReadThem() {
    int rows = 24;
    int chunks = 8;
    int[] places = places(rows, 0);
    for (int row = 0; row < rows; row++) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        int plain = row * 128 + chunk * 16;
        assertThat(places[row * chunks + chunk]).isEqualTo(plain ^ (plain >> 7 & 7) << 4);
      }
    }
  }

  /** Banks repeat after 128 bytes. Eight rows of one chunk are what a matrix of 8 x 8 halves reads at once. */
  @Test
  void eightRowsOfAChunkMeetNoBankTwice() {
    int rows = 32;
    for (int kind = 0; kind < 3; kind++) {
      int chunks = 8 >> kind;
      int[] places = places(rows, kind);
      Set<Integer> all = new HashSet<>();
      for (int first = 0; first < rows; first += 8) {
        for (int chunk = 0; chunk < chunks; chunk++) {
          Set<Integer> banks = new HashSet<>();
          for (int row = first; row < first + 8; row++) {
            int place = places[row * chunks + chunk];
            banks.add(place % 128);
            all.add(place);
          }
          assertThat(banks).hasSize(8);
        }
      }
      assertThat(all).as("places of a tile").hasSize(rows * chunks);
    }
  }

  /** Places of rows of 128, 64 or 32 bytes. */
  private static int[] places(int rows, int kind) {
    try (EmulatedKernels kernels = new EmulatedKernels(SOURCE)) {
      DeviceMemory[] out = new DeviceMemory[3];
      CudaLaunch.Builder launch = kernels.launch("swizzles");
      for (int i = 0; i < out.length; i++) {
        out[i] = kernels.memory(4L * rows * (8 >> i));
        launch.pointer(out[i].address());
      }
      launch.integer(rows).geometry(1, 32, 0).build(kernels.launches).run(kernels.stream);
      kernels.stream.synchronize();
      return EmulatedKernels.ints(out[kind]);
    }
  }

  /** Lane t has columns 2t and 2t + 1 of each tile of eight of the instruction, be it of a warp or of a warpgroup. */
  @Test
  void aLaneHasFourNeighboursOfTwoTiles() {
    int[] columns = run("deal", 48, 48);
    for (int pair = 0; pair < 3; pair++) {
      for (int lane = 0; lane < 4; lane++) {
        int[] rows = {2 * lane, 2 * lane + 1, 8 + 2 * lane, 8 + 2 * lane + 1};
        for (int i = 0; i < 4; i++) {
          assertThat(columns[16 * pair + rows[i]]).isEqualTo(16 * pair + 4 * lane + i);
        }
      }
    }
  }

  @Test
  void tilesAreTakenEightRowsAtATimeAndEachOnce() {
    for (int rows : new int[] {1, 7, 8, 9, 19}) {
      int[] places = run("order", 2 * 3 * rows, rows);
      Set<Integer> seen = new HashSet<>();
      for (int tile = 0; tile < 3 * rows; tile++) {
        int row = places[2 * tile];
        int column = places[2 * tile + 1];
        assertThat(row).isBetween(tile / 24 * 8, Math.min(rows, tile / 24 * 8 + 8) - 1);
        assertThat(column).isBetween(0, 2);
        seen.add(3 * row + column);
      }
      assertThat(seen).hasSize(3 * rows);
    }
  }

  /** Two panels of outputs, three or two tiles of depth, neither of them full. */
  @ParameterizedTest
  @CsvSource({"halves, 16", "bytes, 8", "pairs, 4"})
  void kernelsFindEachValueWhereItWasPacked(String kernel, int bits) throws IOException {
    int n = 70;
    int k = 150;
    int[] expected = new Random(bits).ints(n * k, -8, 8).toArray();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    WritableByteChannel out = Channels.newChannel(packed);
    if (bits == 16) {
      PanelPacker.Rows rows = (row, into) -> {
        for (int i = 0; i < k; i++) {
          into[i] = expected[(int) row * k + i];
        }
      };
      TilePacker.pack(n, k, ScalarType.BF16, rows, out);
    } else {
      QuadPacker.Rows rows = (row, into) -> {
        for (int i = 0; i < k; i++) {
          into[i] = (byte) expected[(int) row * k + i];
        }
      };
      TilePacker.pack(n, k, bits, rows, out);
    }
    assertThat(packed.size()).isEqualTo((int) TilePacker.bytes(n, k, bits));
    int depth = (k + TilePacker.depth(bits) - 1) / TilePacker.depth(bits) * TilePacker.depth(bits);
    try (EmulatedKernels kernels = new EmulatedKernels(SOURCE)) {
      DeviceMemory found = kernels.memory(4L * 128 * depth);
      kernels
          .launch(kernel)
          .pointer(kernels.bytes(packed.toByteArray()).address())
          .pointer(found.address())
          .geometry(1, 32, 0)
          .build(kernels.launches)
          .run(kernels.stream);
      kernels.stream.synchronize();
      int[] values = EmulatedKernels.ints(found);
      for (int i = 0; i < values.length; i++) {
        int output = i / depth;
        int input = i % depth;
        assertThat(values[i])
            .as("output %d, input %d", output, input)
            .isEqualTo(output < n && input < k ? expected[output * k + input] : 0);
      }
    }
  }

  @Test
  void slotsGoRoundAndEachRoundTurnsTheParity() {
    int[] places = run("ring", 3 * 23, 23);
    for (int i = 0; i < 23; i++) {
      assertThat(places[3 * i]).isEqualTo(i % SLOTS);
      assertThat(places[3 * i + 1]).isEqualTo(i / SLOTS % 2);
      assertThat(places[3 * i + 2]).isEqualTo((i + SLOTS - 1) % SLOTS);
    }
  }
}
