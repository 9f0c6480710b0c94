// How the weight of a product on tensor cores lies in memory, as TilePacker has laid it out, and how warps copy it.
#pragma once

#include "tile_copy.cuh"

namespace products {

// Tiles of 64 columns of the result and 128 bytes of depth, or 128 values of 4 bits, one beneath the other in the depth, then
// the next 64 columns. Columns are dealt. Rows of 128 bytes are swizzled, so that a tile is what warpgroups read; those of
// values of 4 bits are not. What lies beyond the last column and the end of the depth is 0.
template <int columns, int row_bytes, bool has_pairs>
struct WeightTiles {
  static constexpr int tile_rows = 64;
  static constexpr int tile_row_bytes = has_pairs ? 64 : 128;
  static constexpr int tile_bytes = tile_rows * tile_row_bytes;
  static constexpr int steps = (row_bytes + tile_row_bytes - 1) / tile_row_bytes;
  static constexpr int panels = (columns + tile_rows - 1) / tile_rows;
  static constexpr int panel_bytes = steps * tile_bytes;

  // Where 16 bytes of a row lie in a tile.
  static QC_DEVICE int place(int row, int chunk) {
    return has_pairs ? row * tile_row_bytes + chunk * 16 : swizzled<128>(row, chunk);
  }
};

// What a thread copies of a weight in tiles to stages that have their own swizzle: one chunk of every rows_apart-th of
// stage_rows rows. A tile holds the depth of one or two stages.
template <class Weight, int stage_rows, int stage_row_bytes, int threads>
struct WeightCopy {
  static constexpr int chunks = stage_row_bytes / 16;
  static constexpr int rows_apart = threads / chunks;
  static constexpr int count = (stage_rows + rows_apart - 1) / rows_apart;
  static constexpr int stages_of_tile = Weight::tile_row_bytes / stage_row_bytes;
  static constexpr bool has_all_panels = Weight::panels * Weight::tile_rows % stage_rows == 0;
  static_assert(rows_apart % 16 == 0, "swizzles repeat after 16 rows");
  static_assert(Weight::tile_rows % rows_apart == 0, "all of a thread's rows lie where its first does in a tile, or after it");

  const u8* from;
  int to;
  int first;
  // From the first half of a row of a tile to the second.
  int turn;
  int panels_left;

  QC_DEVICE WeightCopy(const void* weight, int first_column, int thread) {
    first = thread / chunks;
    int chunk = thread % chunks;
    int panel = first_column / Weight::tile_rows;
    int row = first_column % Weight::tile_rows + first;
    int place = Weight::place(row, chunk);
    turn = stages_of_tile == 1 ? 0 : Weight::place(row, chunk + chunks) - place;
    to = swizzled<stage_row_bytes>(first, chunk);
    from = (const u8*)weight + (long long)panel * Weight::panel_bytes + place;
    panels_left = Weight::panels - panel;
  }

  QC_DEVICE void start(u8* stage, int step) const {
    const u8* source = from + step / stages_of_tile * Weight::tile_bytes + step % stages_of_tile * turn;
#pragma unroll
    for (int i = 0; i < count; i++) {
      if (stage_rows % rows_apart != 0 && first + i * rows_apart >= stage_rows) {
        continue;
      }
      int panel = i * rows_apart / Weight::tile_rows;
      int row = i * rows_apart % Weight::tile_rows;
      copy_async(stage + to + i * rows_apart * stage_row_bytes,
                 source + panel * Weight::panel_bytes + row * Weight::tile_row_bytes,
                 has_all_panels || panel < panels_left);
    }
  }
};

}  // namespace products
