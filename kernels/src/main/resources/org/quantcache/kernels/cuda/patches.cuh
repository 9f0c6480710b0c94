// Patches of a latent [channels, frames, rows, columns] of a sample. A token is a patch; one at the end may reach over it.
#pragma once

#include "packs.cuh"

namespace patches {

QC_DEVICE constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }

template <int channels_, int frames, int rows, int columns, int patch_frames, int patch_rows, int patch_columns>
struct Grid {
  static constexpr int channels = channels_;
  // Elements of one channel in a patch.
  static constexpr int volume = patch_frames * patch_rows * patch_columns;
  static constexpr int places = ceil_div(rows, patch_rows) * ceil_div(columns, patch_columns);
  static constexpr int tokens = ceil_div(frames, patch_frames) * places;
  static constexpr int elements = channels * frames * rows * columns;

  // Index within a sample of place `inner` of a token's patch; below 0 behind the end.
  static QC_DEVICE int at(int token, int channel, int inner) {
    constexpr int across = ceil_div(columns, patch_columns);
    int frame = token / places * patch_frames + inner / (patch_rows * patch_columns);
    int row = token % places / across * patch_rows + inner / patch_columns % patch_rows;
    int column = token % across * patch_columns + inner % patch_columns;
    bool inside = frame < frames && row < rows && column < columns;
    return inside ? ((channel * frames + frame) * rows + row) * columns + column : -1;
  }
};

}  // namespace patches
