// How operands come to warpgroups: row by row, in copies of 16 bytes, or unpacked where two values share a byte.
#pragma once

#include "warpgroup_ring.cuh"

namespace products {

// What a thread unpacks of the tiles of an operand whose rows are row_bytes long: 16 bytes, which become two chunks, of every
// rows_apart-th row. Rows beyond the last and bytes beyond the end become 0.
template <int tile_rows, int row_bytes, bool has_all_bytes>
struct OperandUnpack {
  static constexpr int chunks = 4;
  static constexpr int rows_apart = WARPGROUP / chunks;
  static constexpr int count = tile_rows / rows_apart;
  static_assert(tile_rows % rows_apart == 0 && rows_apart % 8 == 0, "swizzles repeat after 8 rows");

  const u8* from;
  int to;
  int chunk;
  int rows_left;
  Words taken[count];

  QC_DEVICE OperandUnpack(const void* matrix, int first_row, int matrix_rows, int thread) {
    int row = thread / chunks;
    chunk = thread % chunks;
    to = swizzled<128>(row, 2 * chunk);
    from = (const u8*)matrix + (long long)(first_row + row) * row_bytes + chunk * 16;
    rows_left = matrix_rows - first_row - row;
  }

  // Loads from byte first_byte of the rows on.
  QC_DEVICE void take(int first_byte) {
#pragma unroll
    for (int i = 0; i < count; i++) {
      bool valid = i * rows_apart < rows_left && (has_all_bytes || first_byte + chunk * 16 < row_bytes);
      taken[i] = valid ? *(const Words*)(from + first_byte + i * rows_apart * row_bytes) : Words{};
    }
  }

  QC_DEVICE void put(u8* tile) const {
#pragma unroll
    for (int i = 0; i < count; i++) {
      put_unpacked<false>(tile, to + i * rows_apart * 128, taken[i]);
    }
  }
};

// Where an operand comes from that is unpacked on its way.
template <class T, class D>
struct PairOperand {
  OperandUnpack<T::block_rows, D::operand_row_bytes / 2, D::fills_stages> copy;

  QC_DEVICE PairOperand(const void* operand, int first_row, int rows, int thread)
      : copy(operand, first_row, rows, thread) {
    copy.take(0);
  }

  QC_DEVICE void put(u8* tile, u64* filled, int step) {
    copy.put(tile);
    shared_fence();
    barrier_arrive(filled);
    // The next step's are under way while a stage is waited for.
    if (step + 1 < D::steps) {
      copy.take((step + 1) * T::tile_bytes / 2);
    }
  }
};

// And one that is copied.
template <class T, class D>
struct WholeOperand {
  TileCopy<T::block_rows, T::tile_bytes, WARPGROUP, D::operand_row_bytes, true, false, false, D::fills_stages> copy;

  QC_DEVICE WholeOperand(const void* operand, int first_row, int rows, int thread)
      : copy(operand, first_row, rows, thread) {}

  QC_DEVICE void put(u8* tile, u64* filled, int step) const {
    copy.start(tile, step * T::tile_bytes, D::operand_row_bytes);
    copy_arrive(filled);
  }
};

}  // namespace products
