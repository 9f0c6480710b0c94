// What warpgroups hand tiles to each other by: the shared memory of a block, and the barriers that its parts are waited for
// by.
#pragma once

#include "tiles.cuh"
#include "warpgroup_layout.cuh"

namespace products {

constexpr int WARPGROUP = 128;

// A stage holds 128 bytes of depth of the rows of two warpgroups and of 192 columns; each multiplies row_tiles times 64 of
// the rows. A block computes tile after tile, so that the next one's stages fill while the last one's results are written.
// Packed weights have two values in a byte, wait in slots of their own, and are unpacked on their way to a stage; where they
// meet pairs, so are operands.
template <int row_tiles_, int stages_, int packed_slots_, bool pairs_>
struct WarpgroupTiling {
  static constexpr bool warpgroups = true;
  static constexpr int tile_bytes = 128;
  static constexpr int row_tiles = row_tiles_;
  static constexpr int consumers = 2;
  static constexpr int block_rows = consumers * row_tiles * 64;
  static constexpr int block_columns = 192;
  static constexpr int stages = stages_;
  static constexpr int packed_slots = packed_slots_;
  static constexpr bool packed = packed_slots > 0;
  static constexpr bool pairs = pairs_;
  // A warp has 16 of each 64 rows, and all columns.
  static constexpr int warp_columns = block_columns;
  static constexpr int warps_across = 1;
  static constexpr int column_tiles = warp_columns / 8;
  static constexpr int operand_bytes = block_rows * tile_bytes;
  static constexpr int stage_bytes = operand_bytes + block_columns * tile_bytes;
  static constexpr int packed_bytes = block_columns * tile_bytes / 2;

  static QC_DEVICE int row_of_warp() { return warp_index() / 4 * row_tiles * 64 + warp_index() % 4 * 16; }
  static QC_DEVICE int row_of_eight(int i) { return i / 2 * 64 + i % 2 * 8; }
};

// The stages, and for each of them what its tiles are waited for by: that they are there, and that they were read. The same
// for slots of packed weights: that they were brought, and that they were unpacked.
template <class T>
struct Ring {
  u8* stages;
  u8* slots;
  u64* filled;
  u64* emptied;
  u64* brought;
  u64* unpacked;

  // Every thread of the block makes one. Shared memory is larger than the ring by what aligning it may take.
  QC_DEVICE explicit Ring(u8* shared) {
    stages = shared + (-shared_address(shared) & (SWIZZLED_BLOCK_BYTES - 1));
    slots = stages + T::stages * T::stage_bytes;
    filled = (u64*)(slots + T::packed_slots * T::packed_bytes);
    emptied = filled + T::stages;
    brought = emptied + T::stages;
    unpacked = brought + T::packed_slots;
    if (threadIdx.x == 0) {
      for (int i = 0; i < T::stages; i++) {
        // A thread arrives with its part of the operand, and with what it unpacked; or one does with the weight.
        barrier_start(filled + i, T::packed ? 2 * WARPGROUP : WARPGROUP + 1);
        barrier_start(emptied + i, T::consumers * WARPGROUP / 32);
      }
      for (int i = 0; i < T::packed_slots; i++) {
        barrier_start(brought + i, 1);
        barrier_start(unpacked + i, WARPGROUP / 32);
      }
      shared_fence();
    }
    sync_block();
  }

  QC_DEVICE u8* operand(int stage) const { return stages + stage * T::stage_bytes; }
  QC_DEVICE u8* weight(int stage) const { return operand(stage) + T::operand_bytes; }
  QC_DEVICE u8* slot(int i) const { return slots + i * T::packed_bytes; }
};

// 16 bytes of pairs become two chunks of a swizzled row. The second one is where one bit of the place of the first turns.
template <bool is_weight>
QC_DEVICE void put_unpacked(u8* tile, int place, const Words& pairs) {
  u32 words[4][2];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if constexpr (is_weight) {
      unpack(words[i], pairs.at[i]);
    } else {
      unpack_unsigned(words[i], pairs.at[i]);
    }
  }
  *(Words*)(tile + place) = {{words[0][0], words[0][1], words[1][0], words[1][1]}};
  *(Words*)(tile + (place ^ 16)) = {{words[2][0], words[2][1], words[3][0], words[3][1]}};
}

// The tiles of this block, one after the other.
template <class T, int columns>
struct TileWalk {
  static constexpr int column_blocks = (columns + T::block_columns - 1) / T::block_columns;
  int row_blocks;
  int tile;

  QC_DEVICE explicit TileWalk(int rows) {
    row_blocks = (rows + T::block_rows - 1) / T::block_rows;
    tile = blockIdx.x;
  }

  QC_DEVICE bool has_tile() const { return tile < row_blocks * column_blocks; }
  QC_DEVICE void advance() { tile += gridDim.x; }

  // Its first row and column.
  QC_DEVICE Place place() const {
    Place place = place_of_tile<column_blocks>(tile, row_blocks);
    return {place.row * T::block_rows, place.column * T::block_columns};
  }
};

}  // namespace products
