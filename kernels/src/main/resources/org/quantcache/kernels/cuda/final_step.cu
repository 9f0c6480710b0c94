// out = z + (u + guidance (c - u)) dt, c and u the halves of modulated(norm(x)) W^T + bias, joined from patches: the end
// of a step in one pass over x. Work items are tokens of the latent.

#include "patches.cuh"
#include "rows.cuh"

namespace patches {

// A warp takes both halves of so many tokens, and so many columns of the product at once: 64 sums, two for each lane.
constexpr int WARP_TOKENS = 2;
constexpr int COLUMNS = 16;
constexpr int ROWS = 2 * WARP_TOKENS;
constexpr int SUMS = ROWS * COLUMNS;

// The same in all lanes.
QC_DEVICE float warp_sum(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask /= 2) x += shuffle_xor(x, mask);
  return x;
}

// Sums over the lanes; lane l is left with those at 2 l and 2 l + 1.
QC_DEVICE void share_sums(float (&x)[SUMS]) {
#pragma unroll
  for (int level = 0; level < 5; level++) {
    int mask = 16 >> level;
    int half = SUMS / 2 >> level;
    bool upper = (lane_index() & mask) != 0;
#pragma unroll
    for (int i = 0; i < SUMS / 2; i++) {
      if (i < half) {
        float given = upper ? x[i] : x[i + half];
        float kept = upper ? x[i + half] : x[i];
        x[i] = kept + shuffle_xor(given, mask);
      }
    }
  }
}

// Lanes take `width` neighbouring channels, those of a warp lie side by side. Rows are read three times: registers hold
// sums alone, and all but the first reading meets a cache. `outputs` are the channels of the product at each place.
template <class Grid, int channels, int outputs, int width, class X, class Shift, class Scale>
QC_DEVICE void step(
    const X* x,
    const Shift* shift,
    const Scale* scale,
    const float* weight,
    const float* bias,
    const float* z,
    const float* guidance,
    const float* step_size,
    float* out,
    rows::Groups groups,
    int items,
    float epsilon) {
  constexpr int NEEDED = Grid::volume * Grid::channels;
  constexpr float SHARE = 1.0f / channels;
  int lane = lane_index();
  int first = (blockIdx.x * (blockDim.x / 32) + warp_index()) * WARP_TOKENS;
  if (first >= items) return;
  // Token by token, the conditional half before the other; a token that does not exist is the last one once more.
  const X* row[ROWS];
  long long table[ROWS];
  float mean[ROWS] = {};
  float factor[ROWS] = {};
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    int item = first + r / 2 < items ? first + r / 2 : items - 1;
    int at = r % 2 * items + item;
    row[r] = x + (long long)at * channels;
    table[r] = groups.of(at) * channels;
  }
  for (int c = lane * width; c < channels; c += 32 * width) {
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      float value[width];
      packs::load_floats<width>(value, row[r] + c);
#pragma unroll
      for (int i = 0; i < width; i++) mean[r] += value[i];
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) mean[r] = warp_sum(mean[r]) * SHARE;
  for (int c = lane * width; c < channels; c += 32 * width) {
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      float value[width];
      packs::load_floats<width>(value, row[r] + c);
#pragma unroll
      for (int i = 0; i < width; i++) factor[r] += (value[i] - mean[r]) * (value[i] - mean[r]);
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) factor[r] = div_rn(1, root(warp_sum(factor[r]) * SHARE + epsilon));

#pragma unroll 1
  for (int start = 0; start < NEEDED; start += COLUMNS) {
    float sums[SUMS] = {};
#pragma unroll 1
    for (int c = lane * width; c < channels; c += 32 * width) {
      float value[ROWS][width];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        float added[width];
        float factors[width];
        packs::load_floats<width>(value[r], row[r] + c);
        packs::load_floats<width>(added, shift + table[r] + c);
        packs::load_floats<width>(factors, scale + table[r] + c);
#pragma unroll
        for (int i = 0; i < width; i++) {
          value[r][i] = (value[r][i] - mean[r]) * factor[r] * (factors[i] + 1) + added[i];
        }
      }
#pragma unroll
      for (int o = 0; o < COLUMNS; o++) {
        int column = NEEDED % COLUMNS == 0 || start + o < NEEDED ? start + o : NEEDED - 1;
        float weights[width];
        packs::load_floats<width>(
            weights,
            weight + (column / Grid::channels * outputs + column % Grid::channels) * (long long)channels + c);
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
#pragma unroll
          for (int i = 0; i < width; i++) sums[(r / 2 * COLUMNS + o) * 2 + r % 2] += value[r][i] * weights[i];
        }
      }
    }
    share_sums(sums);
    int item = first + lane / COLUMNS;
    int column = start + lane % COLUMNS;
    if (item < items && column < NEEDED) {
      int channel = column % Grid::channels;
      int at = Grid::at(item % Grid::tokens, channel, column / Grid::channels);
      if (at >= 0) {
        int video = item / Grid::tokens;
        long long to = (long long)video * Grid::elements + at;
        float added = bias[column / Grid::channels * outputs + channel];
        float conditional = sums[0] + added;
        float unconditional = sums[1] + added;
        out[to] = z[to] + (unconditional + (conditional - unconditional) * guidance[0]) * step_size[video];
      }
    }
  }
}

}  // namespace patches

//@instance
// As many blocks of four warps as there are registers for: asked for no number, compilers spill to make room for one more.
QC_KERNEL_OF(${threads}, ${blocks}) ${name}(${parameters}) {
  patches::step<patches::Grid<${grid}>, ${channels}, ${outputs}, ${width}>(
      x, shift, scale, weight, bias, z, guidance, step_size, out,
      rows::Groups{rows_per_sample, rows_per_frame, samples, frames}, items, ${epsilon});
}
