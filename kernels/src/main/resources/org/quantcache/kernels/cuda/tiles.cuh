// Products of tiles on tensor cores: which tile a block computes, and how its warps multiply what comes to shared memory.
// All of it is in bytes: a row of a tile is 64 bytes of depth, two steps of an instruction that takes 32, be it 16 halves
// or 32 bytes.
#pragma once

#include "weight_tiles.cuh"

namespace products {

constexpr int TILE_BYTES = 64;

// Where a tile of the result lies, in tiles. Eight rows of tiles go through the columns together, so that tiles which are
// computed at the same time share operands and weights in the cache.
struct Place {
  int row;
  int column;
};

template <int column_blocks>
QC_DEVICE Place place_of_tile(int tile, int row_blocks) {
  constexpr int together = 8;
  int first = tile / (together * column_blocks) * together;
  int rest = tile % (together * column_blocks);
  int height = row_blocks - first < together ? row_blocks - first : together;
  return {first + rest % height, rest / height};
}

// A block computes block_rows x block_columns, each of its warps warp_rows x warp_columns. Packed weights have two
// values in a byte, and where they meet pairs, so have operands: then both are multiplied as they are.
template <int block_rows_, int block_columns_, int warp_rows_, int warp_columns_, int stages_, bool packed_,
          bool pairs_ = false>
struct Tiling {
  static constexpr bool pairs = pairs_;
  static constexpr bool warpgroups = false;
  static constexpr int tile_bytes = TILE_BYTES;
  static constexpr int block_rows = block_rows_;
  static constexpr int block_columns = block_columns_;
  static constexpr int warp_rows = warp_rows_;
  static constexpr int warp_columns = warp_columns_;
  static constexpr int stages = stages_;
  static constexpr bool packed = packed_;
  static constexpr int warps_across = block_columns / warp_columns;
  static constexpr int threads = block_rows / warp_rows * warps_across * 32;
  // Tiles of the instruction: 16 rows, 8 columns.
  static constexpr int row_tiles = warp_rows / 16;
  static constexpr int column_tiles = warp_columns / 8;
  // Four matrices of weights are loaded at once, two for each tile, or one where two values share a byte.
  static constexpr int tiles_at_once = packed ? 4 : 2;
  static constexpr int weight_tile_bytes = packed ? TILE_BYTES / 2 : TILE_BYTES;
  static constexpr int operand_bytes = block_rows * TILE_BYTES;
  static constexpr int stage_bytes = operand_bytes + block_columns * weight_tile_bytes;
  static_assert(warp_rows % 16 == 0 && warp_columns % 32 == 0, "a warp loads 16 rows and 32 columns at once");

  // Rows of the sums of this warp: where they begin in the block, and where eight of them, number i, do from there.
  static QC_DEVICE int row_of_warp() { return warp_index() / warps_across * warp_rows; }
  static QC_DEVICE int row_of_eight(int i) { return i * 8; }
};

// Where a lane reads in a stage for the first of its two steps. The second step is 32 bytes of the operand further, which
// in swizzled rows is one bit that turns; rows 16 further have the same swizzle.
template <class T>
struct LanePlaces {
  int operand;
  int weight;

  QC_DEVICE LanePlaces() {
    int lane = lane_index();
    int row = warp_index() / T::warps_across * T::warp_rows;
    int column = warp_index() % T::warps_across * T::warp_columns;
    if (T::packed) {
      operand = swizzled<TILE_BYTES>(row + lane / 4, lane >> 1 & 1) + (lane & 1) * 8;
      weight = swizzled<T::weight_tile_bytes>(column + lane, 0);
    } else {
      operand = swizzled<TILE_BYTES>(row + (lane & 15), lane >> 4);
      weight = swizzled<T::weight_tile_bytes>(column + (lane & 7) + (lane >> 4) * 8, lane >> 3 & 1);
    }
    weight += T::operand_bytes;
  }

  QC_DEVICE const u8* operand_of(const u8* stage, int step) const { return stage + (operand ^ step * 32); }

  QC_DEVICE const u8* weight_of(const u8* stage, int step) const {
    return stage + (weight ^ step * (T::packed ? 16 : 32));
  }
};

struct alignas(8) Pair {
  u32 low;
  u32 high;
};

// Rows of a warp. With packed weights a lane multiplies bytes 8t .. 8t + 7 of its rows, for a word holds as many values: a
// sum does not ask for the order of its terms.
template <class T>
QC_DEVICE void load_operand(u32 (&out)[T::row_tiles][4], const u8* from) {
#pragma unroll
  for (int i = 0; i < T::row_tiles; i++) {
    if (T::packed) {
      Pair upper = *(const Pair*)(from + i * 16 * TILE_BYTES);
      Pair lower = *(const Pair*)(from + (i * 16 + 8) * TILE_BYTES);
      out[i][0] = upper.low;
      out[i][1] = lower.low;
      out[i][2] = upper.high;
      out[i][3] = lower.high;
    } else {
      load_matrices(out[i], from + i * 16 * TILE_BYTES);
    }
  }
}

// Sums of values of 4 bits come out so many bits too large where they are multiplied as bytes.
constexpr int WIDENED_BITS = 4;

// Pairs of values of 4 bits, where a weight v is stored as v + 8. Whatever order the terms come in is the same for both.
QC_DEVICE void multiply_pairs(int (&sums)[4], const u32 (&a)[4], const u32 (&b)[2]) {
#if QC_INT4_PRODUCTS
  multiply_u4s4(sums, a, {b[0] ^ 0x88888888u, b[1] ^ 0x88888888u});
#else
  multiply_u8s8(sums, {a[0] & 0x0f0f0f0fu, a[1] & 0x0f0f0f0fu, a[2] & 0x0f0f0f0fu, a[3] & 0x0f0f0f0fu},
                {(b[0] << 4 & 0xf0f0f0f0u) ^ 0x80808080u, (b[1] << 4 & 0xf0f0f0f0u) ^ 0x80808080u});
  multiply_u8s8(sums, {a[0] >> 4 & 0x0f0f0f0fu, a[1] >> 4 & 0x0f0f0f0fu, a[2] >> 4 & 0x0f0f0f0fu,
                       a[3] >> 4 & 0x0f0f0f0fu},
                {(b[0] & 0xf0f0f0f0u) ^ 0x80808080u, (b[1] & 0xf0f0f0f0u) ^ 0x80808080u});
#endif
}

template <class T>
QC_DEVICE void multiply(float (&sums)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  multiply_bf16(sums, a, b);
}
template <class T>
QC_DEVICE void multiply(int (&sums)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  if constexpr (T::pairs) {
    multiply_pairs(sums, a, b);
  } else {
    multiply_u8s8(sums, a, b);
  }
}

// Eight values of 4 bits as signed bytes, 16 times too large: a value v is stored as v + 8, so in the upper half of a byte
// it is 16 v + 128, and 16 v once the top bit is turned.
QC_DEVICE void unpack(u32 (&out)[2], u32 word) {
  u32 even = (word << 4 & 0xf0f0f0f0u) ^ 0x80808080u;
  u32 odd = (word & 0xf0f0f0f0u) ^ 0x80808080u;
  out[0] = permute_bytes(even, odd, 0x5140);
  out[1] = permute_bytes(even, odd, 0x7362);
}

// Eight values of 4 bits as unsigned bytes.
QC_DEVICE void unpack_unsigned(u32 (&out)[2], u32 word) {
  u32 even = word & 0x0f0f0f0fu;
  u32 odd = word >> 4 & 0x0f0f0f0fu;
  out[0] = permute_bytes(even, odd, 0x5140);
  out[1] = permute_bytes(even, odd, 0x7362);
}

// Multiplies one step. As soon as registers with weights are free, those of the next step are loaded.
template <class T, class Sum>
QC_DEVICE void multiply_step(Sum (&sums)[T::row_tiles][T::column_tiles][4], const u32 (&operand)[T::row_tiles][4],
                             u32 (&weight)[T::column_tiles / T::tiles_at_once][4], const u8* next_weight) {
#pragma unroll
  for (int i = 0; i < T::column_tiles; i += T::tiles_at_once) {
    u32(&loaded)[4] = weight[i / T::tiles_at_once];
#pragma unroll
    for (int j = 0; j < T::tiles_at_once; j++) {
      u32 columns[2];
      if (T::packed) {
        unpack(columns, loaded[j]);
      } else {
        columns[0] = loaded[j % 2 * 2];
        columns[1] = loaded[j % 2 * 2 + 1];
      }
      if (j == T::tiles_at_once - 1) {
        load_matrices(loaded, next_weight + i * 8 * T::weight_tile_bytes);
      }
#pragma unroll
      for (int row = 0; row < T::row_tiles; row++) {
        multiply<T>(sums[row][i + j], operand[row], columns);
      }
    }
  }
}

// Rows of operand and weight in bytes, and the bytes of the operand that make a group, all of them when there is but one.
// A stage belongs to one group: where a group does not fill its last stage, zeros do.
template <class T, int operand_row_bytes_, int weight_row_bytes_, int group_bytes_>
struct Depth {
  static constexpr int operand_row_bytes = operand_row_bytes_;
  static constexpr int weight_row_bytes = weight_row_bytes_;
  static constexpr int group_bytes = group_bytes_;
  static constexpr int groups = operand_row_bytes / group_bytes;
  static constexpr int steps_of_group = (group_bytes + T::tile_bytes - 1) / T::tile_bytes;
  static constexpr int steps = groups * steps_of_group;
  static constexpr int per_weight_byte = T::packed ? 2 : 1;
  static constexpr bool fills_stages = group_bytes % T::tile_bytes == 0;
  static constexpr bool whole_operand = operand_row_bytes % 16 == 0 && group_bytes % 16 == 0;
  static constexpr bool whole_weight = weight_row_bytes % 16 == 0 && group_bytes % (16 * per_weight_byte) == 0;
};

// Copies of the weight to the stages of a tile: in tiles, or row by row where groups of channels have their own scales.
template <class T, class D, int columns>
QC_DEVICE auto weight_copy_of(const void* weight, int first_column) {
  int thread = (int)threadIdx.x;
  if constexpr (D::groups == 1) {
    using Weight = WeightTiles<columns, D::weight_row_bytes, T::packed || T::pairs>;
    return WeightCopy<Weight, T::block_columns, T::weight_tile_bytes, T::threads>(weight, first_column, thread);
  } else {
    return TileCopy<T::block_columns, T::weight_tile_bytes, T::threads, D::weight_row_bytes, D::whole_weight, true,
                    columns % T::block_columns == 0, D::fills_stages>(weight, first_column, columns, thread);
  }
}

// Adds the product of a tile to `sums`. After the last stage of group g comes end_of_group(g).
template <class T, class D, int columns, class Sum, class EndOfGroup>
QC_DEVICE void multiply_tiles(Sum (&sums)[T::row_tiles][T::column_tiles][4], u8* shared, const void* operand,
                              const void* weight, int rows, int first_row, int first_column,
                              EndOfGroup end_of_group) {
  TileCopy<T::block_rows, TILE_BYTES, T::threads, D::operand_row_bytes, D::whole_operand, false, false,
           D::fills_stages>
      operand_copy(operand, first_row, rows, (int)threadIdx.x);
  auto weight_copy = weight_copy_of<T, D, columns>(weight, first_column);
  auto copy = [&](int step, int slot) {
    u8* stage = shared + slot * T::stage_bytes;
    int group = step / D::steps_of_group;
    int first = D::fills_stages ? step * TILE_BYTES
                                : group * D::group_bytes + step % D::steps_of_group * TILE_BYTES;
    int end = (group + 1) * D::group_bytes;
    operand_copy.start(stage, first, end);
    if constexpr (D::groups == 1) {
      weight_copy.start(stage + T::operand_bytes, step);
    } else {
      // Behind the end of a group the weight is the next one's: the operand is 0 there.
      weight_copy.start(stage + T::operand_bytes, first / D::per_weight_byte, D::weight_row_bytes);
    }
  };
#pragma unroll
  for (int i = 0; i < T::stages - 1; i++) {
    if (i < D::steps) {
      copy(i, i);
    }
    copy_commit();
  }
  copy_wait<T::stages - 2>();
  sync_block();
  u32 operands[2][T::row_tiles][4];
  u32 weights[T::column_tiles / T::tiles_at_once][4];
  const LanePlaces<T> places;
  load_operand<T>(operands[0], places.operand_of(shared, 0));
#pragma unroll
  for (int i = 0; i < T::column_tiles; i += T::tiles_at_once) {
    load_matrices(weights[i / T::tiles_at_once], places.weight_of(shared, 0) + i * 8 * T::weight_tile_bytes);
  }
  int slot = 0;
#pragma unroll 1
  for (int step = 0; step < D::steps; step++) {
    // The slot of the step before is free: all warps had read it when they met.
    if (step + T::stages - 1 < D::steps) {
      copy(step + T::stages - 1, slot == 0 ? T::stages - 1 : slot - 1);
    }
    copy_commit();
    const u8* stage = shared + slot * T::stage_bytes;
    load_operand<T>(operands[1], places.operand_of(stage, 1));
    multiply_step<T>(sums, operands[0], weights, places.weight_of(stage, 1));
    copy_wait<T::stages - 2>();
    sync_block();
    slot = slot + 1 == T::stages ? 0 : slot + 1;
    // What comes after the last step is loaded, but never multiplied.
    stage = shared + slot * T::stage_bytes;
    load_operand<T>(operands[0], places.operand_of(stage, 0));
    multiply_step<T>(sums, operands[1], weights, places.weight_of(stage, 0));
    if (D::groups > 1 && (step + 1) % D::steps_of_group == 0) {
      end_of_group(step / D::steps_of_group);
    }
  }
}

// Hands the rows and columns of this lane to `each(row, column, tile of 16 rows, half, pair of tiles of columns)`; behind
// each 8 rows and 32 columns all lanes of the warp come to `end_of_tile(first row, first column)`.
template <class T, class OfRow, class Each, class EndOfTile>
QC_DEVICE void for_each_four(int rows, int first_row, int columns, int first_column, OfRow of_row, Each each,
                             EndOfTile end_of_tile) {
  int warp_row = first_row + T::row_of_warp();
  int warp_column = first_column + warp_index() % T::warps_across * T::warp_columns;
  int row = warp_row + lane_index() / 4;
  int column = warp_column + lane_index() % 4 * 4;
#pragma unroll
  for (int i = 0; i < 2 * T::row_tiles; i++) {
    int at = row + T::row_of_eight(i);
    bool present = at < rows;
    auto places = of_row(present ? at : rows - 1);
#pragma unroll
    for (int j = 0; j < T::column_tiles / 2; j++) {
      if (present && column + j * 16 < columns) {
        each(places, at, column + j * 16, i / 2, i % 2, j);
      }
      if (j % 2 == 1) {
        end_of_tile(warp_row + T::row_of_eight(i), warp_column + j / 2 * 32);
      }
    }
  }
}

}  // namespace products
