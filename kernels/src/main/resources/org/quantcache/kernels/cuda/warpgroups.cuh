// Products of tiles by warpgroups. One warpgroup copies tiles to a ring of stages in shared memory, two multiply from there.
// Copies are those of 16 bytes, not tensor maps: rows beyond the last and odd ends of a row become 0, the weight is dealt as
// the epilogue reads it, values of 4 bits are unpacked on the way, and the host prepares nothing.
#pragma once

#include "tiles.cuh"
#include "warpgroup_layout.cuh"

namespace products {

constexpr int WARPGROUP = 128;

// Of the 65536 registers of a multiprocessor, in units of eight for each thread.
constexpr int COPYING_REGISTERS = 40;
constexpr int MULTIPLYING_REGISTERS = 232;
static_assert(WARPGROUP * (COPYING_REGISTERS + 2 * MULTIPLYING_REGISTERS) <= 65536, "registers of a multiprocessor");

// A stage holds 128 bytes of depth of the rows of two warpgroups and of 192 columns; each multiplies row_tiles times 64 of
// the rows. With two of them, sums take more registers than a thread of an equal share has, so those that copy give theirs;
// those that unpack need them. A block computes tile after tile, so that the next one's stages fill while the last one's results are written.
// Packed weights have two values in a byte until they come to a stage, and where they meet pairs, so have operands.
template <int row_tiles_, int stages_, bool packed_, bool pairs_>
struct WarpgroupTiling {
  static constexpr bool warpgroups = true;
  static constexpr int tile_bytes = 128;
  static constexpr int row_tiles = row_tiles_;
  static constexpr int consumers = 2;
  static constexpr int block_rows = consumers * row_tiles * 64;
  static constexpr int block_columns = 192;
  static constexpr int stages = stages_;
  static constexpr bool packed = packed_;
  static constexpr bool pairs = pairs_;
  // A warp has 16 of each 64 rows, and all columns.
  static constexpr int warp_columns = block_columns;
  static constexpr int warps_across = 1;
  static constexpr int column_tiles = warp_columns / 8;
  static constexpr int operand_bytes = block_rows * tile_bytes;
  static constexpr int stage_bytes = operand_bytes + block_columns * tile_bytes;

  static QC_DEVICE int row_of_warp() { return warp_index() / 4 * row_tiles * 64 + warp_index() % 4 * 16; }
  static QC_DEVICE int row_of_eight(int i) { return i / 2 * 64 + i % 2 * 8; }
};

template <bool other, class First, class Other>
struct Choice {
  using Type = First;
};
template <class First, class Other>
struct Choice<true, First, Other> {
  using Type = Other;
};

// The tiling of this card: `Warpgroups` where it has them.
template <class General, class Warpgroups>
using OnCard = typename Choice<QC_WARPGROUPS, General, Warpgroups>::Type;

// The stages, and for each of them what its tiles are waited for by: that they are there, and that they were read.
template <class T>
struct Ring {
  u8* stages;
  u64* filled;
  u64* emptied;

  // Every thread of the block makes one. Shared memory is larger than the ring by what aligning it may take.
  QC_DEVICE explicit Ring(u8* shared) {
    stages = shared + (-shared_address(shared) & (SWIZZLED_BLOCK_BYTES - 1));
    filled = (u64*)(stages + T::stages * T::stage_bytes);
    emptied = filled + T::stages;
    if (threadIdx.x == 0) {
      for (int i = 0; i < T::stages; i++) {
        // A thread that unpacks arrives with its copies, and with what it unpacked.
        barrier_start(filled + i, T::packed ? 2 * WARPGROUP : WARPGROUP);
        barrier_start(emptied + i, T::consumers * WARPGROUP / 32);
      }
    }
    sync_block();
  }
};

// Calls `each(first row, first column)` for the tiles of this block.
template <class T, int columns, class Each>
QC_DEVICE void for_each_tile(int rows, Each each) {
  constexpr int column_blocks = (columns + T::block_columns - 1) / T::block_columns;
  int row_blocks = (rows + T::block_rows - 1) / T::block_rows;
#pragma unroll 1
  for (int tile = blockIdx.x; tile < row_blocks * column_blocks; tile += gridDim.x) {
    Place place = place_of_tile<column_blocks>(tile, row_blocks);
    each(place.row * T::block_rows, place.column * T::block_columns);
  }
}

// What a thread of `threads` unpacks of the tiles of a matrix whose rows are row_bytes long: 16 bytes, which become two
// chunks, of every rows_apart-th row, dealt if it is a weight. Rows beyond the last and bytes beyond the end become whatever
// a byte of zeros means, which of the operand is 0.
template <int tile_rows, int threads, int row_bytes, bool is_weight, bool has_all_rows, bool has_all_bytes>
struct TileUnpack {
  static constexpr int chunks = 4;
  static constexpr int rows_apart = threads / chunks;
  static constexpr int count = tile_rows / rows_apart;
  static_assert(tile_rows % rows_apart == 0 && rows_apart % 16 == 0, "swizzle and deal repeat after 16 rows");

  const u8* from;
  int to;
  int chunk;
  int rows_left;
  Words taken[count];

  QC_DEVICE TileUnpack(const void* matrix, int first_row, int matrix_rows, int thread) {
    int row = thread / chunks;
    int source_row = first_row + (is_weight ? dealt(row) : row);
    chunk = thread % chunks;
    to = swizzled<128>(row, 2 * chunk);
    from = (const u8*)matrix + (long long)source_row * row_bytes + chunk * 16;
    rows_left = matrix_rows - source_row;
  }

  // Loads from byte first_byte of the rows on.
  QC_DEVICE void take(int first_byte) {
#pragma unroll
    for (int i = 0; i < count; i++) {
      bool valid = (has_all_rows || i * rows_apart < rows_left) &&
                   (has_all_bytes || first_byte + chunk * 16 < row_bytes);
      taken[i] = valid ? *(const Words*)(from + first_byte + i * rows_apart * row_bytes) : Words{};
    }
  }

  // The second chunk of a pair is where one bit of the place of the first turns.
  QC_DEVICE void put(u8* tile) const {
#pragma unroll
    for (int i = 0; i < count; i++) {
      u32 words[4][2];
#pragma unroll
      for (int j = 0; j < 4; j++) {
        if constexpr (is_weight) {
          unpack(words[j], taken[i].at[j]);
        } else {
          unpack_unsigned(words[j], taken[i].at[j]);
        }
      }
      int place = to + i * rows_apart * 128;
      *(Words*)(tile + place) = {{words[0][0], words[0][1], words[1][0], words[1][1]}};
      *(Words*)(tile + (place ^ 16)) = {{words[2][0], words[2][1], words[3][0], words[3][1]}};
    }
  }
};

template <class T, class D, int columns>
QC_DEVICE void fill_ring(const Ring<T>& ring, const void* operand, const void* weight, int rows) {
  int thread = (int)threadIdx.x % WARPGROUP;
  RingPlace<T::stages> place;
  for_each_tile<T, columns>(rows, [&](int first_row, int first_column) {
    using OperandCopy =
        TileCopy<T::block_rows, T::tile_bytes, WARPGROUP, D::operand_row_bytes, true, false, false, D::fills_stages>;
    using OperandUnpack =
        TileUnpack<T::block_rows, WARPGROUP, D::operand_row_bytes / 2, false, false, D::fills_stages>;
    constexpr bool has_all_columns = columns % T::block_columns == 0;
    using WeightCopy = TileCopy<T::block_columns, T::tile_bytes, WARPGROUP, D::weight_row_bytes, true, true,
                                has_all_columns, D::fills_stages>;
    using WeightUnpack =
        TileUnpack<T::block_columns, WARPGROUP, D::weight_row_bytes, true, has_all_columns, D::fills_stages>;
    typename Choice<T::pairs, OperandCopy, OperandUnpack>::Type operand_copy(operand, first_row, rows, thread);
    typename Choice<T::packed, WeightCopy, WeightUnpack>::Type weight_copy(weight, first_column, columns, thread);
    auto take = [&](int step) {
      if constexpr (T::pairs) {
        operand_copy.take(step * T::tile_bytes / 2);
      }
      if constexpr (T::packed) {
        weight_copy.take(step * T::tile_bytes / 2);
      }
    };
    take(0);
#pragma unroll 1
    for (int step = 0; step < D::steps; step++) {
      barrier_wait(ring.emptied + place.slot, place.parity ^ 1);
      u8* stage = ring.stages + place.slot * T::stage_bytes;
      if constexpr (T::pairs) {
        operand_copy.put(stage);
      } else {
        operand_copy.start(stage, step * T::tile_bytes, D::operand_row_bytes);
      }
      if constexpr (T::packed) {
        weight_copy.put(stage + T::operand_bytes);
        shared_fence();
        barrier_arrive(ring.filled + place.slot);
        // The next step's are under way while a slot is waited for.
        if (step + 1 < D::steps) {
          take(step + 1);
        }
      } else {
        weight_copy.start(stage + T::operand_bytes, step * T::tile_bytes, D::weight_row_bytes);
      }
      copy_arrive(ring.filled + place.slot);
      place.advance();
    }
  });
  copy_commit();
  copy_wait<0>();
}

// Adds up the products of a tile.
template <class T, class D, class Sum>
QC_DEVICE void empty_ring(Sum (&sums)[T::row_tiles][T::column_tiles][4], const Ring<T>& ring, RingPlace<T::stages>& place) {
  constexpr int instruction_bytes = 32;
#pragma unroll 1
  for (int step = 0; step < D::steps; step++) {
    barrier_wait(ring.filled + place.slot, place.parity);
    shared_fence();
    const u8* stage = ring.stages + place.slot * T::stage_bytes;
    constexpr int rows_bytes = 64 * T::tile_bytes;
    u64 operand =
        tile_descriptor(shared_address(stage + (int)threadIdx.x / WARPGROUP * T::row_tiles * rows_bytes));
    u64 weight = tile_descriptor(shared_address(stage + T::operand_bytes));
    warpgroup_fence();
#pragma unroll
    for (int byte = 0; byte < T::tile_bytes; byte += instruction_bytes) {
#pragma unroll
      for (int i = 0; i < T::row_tiles; i++) {
        warpgroup_multiply(sums[i], further(operand, i * rows_bytes + byte), further(weight, byte));
      }
    }
    warpgroup_commit();
    // The products of this step are under way while those of the step before are waited for.
    warpgroup_wait<1>();
    if (step > 0 && lane_index() == 0) {
      barrier_arrive(ring.emptied + place.slot_before());
    }
    place.advance();
  }
  warpgroup_wait<0>();
  if (lane_index() == 0) {
    barrier_arrive(ring.emptied + place.slot_before());
  }
}

// Multiplies all tiles of this block, and hands over `finish(sums, first row, first column)` after each; it meets no barrier
// of the block, for the warps that copy do not come to it. end_of_group(sums, first column, group) comes after the last
// stage of each group of channels, where there are several.
template <class T, class D, int columns, class Sum, class EndOfGroup, class Finish>
QC_DEVICE void multiply_all(u8* shared, const void* operand, const void* weight, int rows, EndOfGroup end_of_group,
                            Finish finish) {
  if constexpr (T::warpgroups) {
    static_assert(D::groups == 1 && D::whole_operand && D::whole_weight, "whole rows in copies of 16 bytes");
    Ring<T> ring(shared);
    if ((int)threadIdx.x / WARPGROUP == T::consumers) {
      if constexpr (T::row_tiles > 1) {
        fewer_registers<COPYING_REGISTERS>();
      }
      fill_ring<T, D, columns>(ring, operand, weight, rows);
      return;
    }
    if constexpr (T::row_tiles > 1) {
      more_registers<MULTIPLYING_REGISTERS>();
    }
    RingPlace<T::stages> place;
    for_each_tile<T, columns>(rows, [&](int first_row, int first_column) {
      Sum sums[T::row_tiles][T::column_tiles][4] = {};
      empty_ring<T, D>(sums, ring, place);
      finish(sums, first_row, first_column);
    });
  } else {
    constexpr int column_blocks = (columns + T::block_columns - 1) / T::block_columns;
    Place place = place_of_tile<column_blocks>(blockIdx.x, gridDim.x / column_blocks);
    int first_row = place.row * T::block_rows;
    int first_column = place.column * T::block_columns;
    Sum sums[T::row_tiles][T::column_tiles][4] = {};
    multiply_tiles<T, D, columns>(sums, shared, operand, weight, rows, first_row, first_column,
                                  [&](int group) { end_of_group(sums, first_column, group); });
    finish(sums, first_row, first_column);
  }
}

}  // namespace products
