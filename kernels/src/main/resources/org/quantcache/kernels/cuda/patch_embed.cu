// out = patches W^T + bias + position: a latent becomes tokens. Work items are tokens.

#include "patches.cuh"

namespace patches {

// Tokens of a block, and those whose sums a thread holds at once.
constexpr int BLOCK_TOKENS = 32;
constexpr int TOGETHER = 8;

// Threads take `width` neighbouring channels of all tokens of the block; `step` elements of a patch are read at once.
template <class Grid, int channels, int width, int step, class Z, class Position, class Out>
QC_DEVICE void embed(
    const Z* z, const float* weight, const float* bias, const Position* position, Out* out, int items) {
  constexpr int SIZE = Grid::channels * Grid::volume;
  // By element of the patch, then by token: all threads read the same tokens.
  QC_SHARED packs::Pack<float, 4> values[SIZE * BLOCK_TOKENS / 4];
  int first = blockIdx.x * BLOCK_TOKENS;
  for (int i = threadIdx.x; i < SIZE * BLOCK_TOKENS; i += blockDim.x) {
    int item = first + i % BLOCK_TOKENS;
    int element = i / BLOCK_TOKENS;
    int from = item < items ? Grid::at(item % Grid::tokens, element / Grid::volume, element % Grid::volume) : -1;
    values[i / 4].at[i % 4] =
        from < 0 ? 0 : to_float(z[(long long)(item / Grid::tokens) * Grid::elements + from]);
  }
  sync_block();
  for (int c = threadIdx.x * width; c < channels; c += blockDim.x * width) {
    float added[width];
    packs::load_floats<width>(added, bias + c);
#pragma unroll 1
    for (int group = 0; group < BLOCK_TOKENS && first + group < items; group += TOGETHER) {
      float sums[TOGETHER][width];
#pragma unroll
      for (int t = 0; t < TOGETHER; t++) {
#pragma unroll
        for (int i = 0; i < width; i++) sums[t][i] = added[i];
      }
#pragma unroll 1
      for (int k = 0; k < SIZE; k += step) {
        float factors[width][step];
#pragma unroll
        for (int i = 0; i < width; i++) packs::load_floats<step>(factors[i], weight + (c + i) * SIZE + k);
#pragma unroll
        for (int e = 0; e < step; e++) {
#pragma unroll
          for (int t = 0; t < TOGETHER; t += 4) {
            packs::Pack<float, 4> four = values[((k + e) * BLOCK_TOKENS + group + t) / 4];
#pragma unroll
            for (int i = 0; i < width; i++) {
#pragma unroll
              for (int n = 0; n < 4; n++) sums[t + n][i] += four.at[n] * factors[i][e];
            }
          }
        }
      }
#pragma unroll
      for (int t = 0; t < TOGETHER; t++) {
        int item = first + group + t;
        if (item < items) {
          float place[width];
          packs::load_floats<width>(place, position + (long long)(item % Grid::places) * channels + c);
#pragma unroll
          for (int i = 0; i < width; i++) sums[t][i] += place[i];
          packs::store_floats<width>(out + (long long)item * channels + c, sums[t]);
        }
      }
    }
  }
}

}  // namespace patches

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  patches::embed<patches::Grid<${grid}>, ${channels}, ${width}, ${step}>(z, weight, bias, position, out, items);
}
