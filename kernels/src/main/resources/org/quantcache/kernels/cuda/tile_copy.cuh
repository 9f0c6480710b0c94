// How tiles of a matrix come to shared memory: rows of 128, 64 or 32 bytes, swizzled so that reads meet no bank twice.
#pragma once

#include "device.cuh"

namespace products {

// Where 16 bytes of a row lie in a tile. 128 bytes are all banks. In rows of 64 bytes the lowest bit of the row says which
// half of the banks, and its next two bits are mixed into the chunk: eight rows r of one chunk, as load_matrices reads
// them, meet the eight places (r & 1, chunk ^ two bits of r), all different. The bits are mixed in crosswise because
// packed weights read four rows of two neighbouring chunks at once: bit 1 of the row then moves the pair of chunks, and
// (r & 1, pair ^ bit 1) are four different pairs. In rows of 32 bytes the two lowest bits of the row say which quarter
// and the third is mixed into the chunk, to the same effect. Rows of 128 bytes are swizzled as the instructions of
// warpgroups want it.
template <int tile_row_bytes>
QC_DEVICE int swizzled(int row, int chunk) {
  int mixed = tile_row_bytes == 128  ? row & 7
              : tile_row_bytes == 64 ? (row & 2) | (row >> 2 & 1)
                                     : row >> 2 & 1;
  return row * tile_row_bytes + ((chunk ^ mixed) << 4);
}

// Which column of sixteen lies in which row of the tile: dealt so that a lane, which gets columns 2t and 2t + 1 of each
// tile of eight, has four neighbours 4t .. 4t + 3 from two tiles.
QC_DEVICE int dealt(int row) { return (row & ~15) | (row & 6) << 1 | (row & 8) >> 2 | (row & 1); }

struct alignas(16) Words {
  u32 at[4];
};

// What a thread copies of the tiles of a matrix whose rows are row_bytes long: one chunk of every rows_apart-th row.
// Bytes beyond the end of the depth and rows beyond the last become 0; has_all_rows and has_all_bytes say that there are
// none.
template <int tile_rows, int tile_row_bytes, int threads, int row_bytes, bool is_whole, bool is_dealt, bool has_all_rows,
          bool has_all_bytes>
struct TileCopy {
  static constexpr int chunks = tile_row_bytes / 16;
  static constexpr int rows_apart = threads / chunks;
  static constexpr int count = (tile_rows + rows_apart - 1) / rows_apart;
  static_assert(rows_apart % 16 == 0, "swizzle and deal repeat after 16 rows");

  const u8* from;
  int to;
  int first;
  int chunk;
  // Rows of the matrix from the first row of this thread on.
  int rows_left;

  // `thread` counts those that copy.
  QC_DEVICE TileCopy(const void* matrix, int first_row, int matrix_rows, int thread) {
    first = thread / chunks;
    int source_row = first_row + (is_dealt ? dealt(first) : first);
    chunk = thread % chunks;
    to = swizzled<tile_row_bytes>(first, chunk);
    from = (const u8*)matrix + (long long)source_row * row_bytes + chunk * 16;
    rows_left = matrix_rows - source_row;
  }

  // Bytes first_byte .. end_byte of the rows.
  QC_DEVICE void start(u8* tile, int first_byte, int end_byte) const {
    int bytes_left = end_byte - first_byte - chunk * 16;
#pragma unroll
    for (int i = 0; i < count; i++) {
      if (tile_rows % rows_apart != 0 && first + i * rows_apart >= tile_rows) {
        continue;
      }
      bool valid = (has_all_rows || i * rows_apart < rows_left) && (has_all_bytes || bytes_left > 0);
      u8* target = tile + to + i * rows_apart * tile_row_bytes;
      const u8* source = from + first_byte + i * rows_apart * row_bytes;
      if (is_whole) {
        copy_async(target, source, valid);
      } else {
        *(Words*)target = gathered(source, valid ? bytes_left : 0);
      }
    }
  }

  // Rows that are no multiple of 16 bytes long are not aligned for more than a byte.
  static QC_DEVICE Words gathered(const u8* source, int bytes) {
    Words out{};
#pragma unroll
    for (int i = 0; i < 16; i++) {
      u32 byte = i < bytes ? source[i] : 0;
      out.at[i / 4] |= byte << 8 * (i % 4);
    }
    return out;
  }
};

}  // namespace products
