// Attention whose scores are exact sums of products of bytes, on tensor cores; values and their weights stay bf16.
#pragma once

#include "attention_tensor.cuh"
#include "head_rows.cuh"

namespace attention {
namespace integer {

// Products of bytes take so many channels.
constexpr int STEP = 32;
// Sums of products start at this, the pattern of bits of 1.5 * 2^23: added to it, they are floats without a conversion.
constexpr int BIAS_BITS = 0x4b400000;
constexpr float BIAS = 12582912.0f;
// Scores stay apart from those of keys that do not exist, even where all queries or keys are zero.
constexpr float LEAST_FACTOR = 1e-12f;

QC_DEVICE constexpr int padded(int head_dim) { return ceil_div(head_dim, STEP) * STEP; }
// Bytes of a row in shared memory: an odd number of 16-byte units.
QC_DEVICE constexpr int key_stride(int head_dim) { return (padded(head_dim) / 16 | 1) * 16; }
// A row of queries holds a row of results in the end.
QC_DEVICE constexpr int query_stride(int head_dim) {
  return key_stride(head_dim) > tensor::stride(head_dim) * 2 ? key_stride(head_dim) : tensor::stride(head_dim) * 2;
}

template <class Shape, int rows, int threads>
struct Loader {
  static constexpr int PADDED = padded(Shape::head_dim);

  // Normed, rotated and rounded queries; their scales behind them.
  template <class Queries>
  static QC_DEVICE void queries(
      u8* to, float* scales, const Queries& source, int first, const float* norm, const float* rope) {
#pragma unroll 1
    for (int row = threadIdx.x / 4; row < rows; row += threads / 4) {
      bool exists = source.exists(first + row);
      int place = exists ? first + row : 0;
      HeadRow<Shape, PADDED, 8> query;
      query.load(source.at(place), exists, norm, rope, source.place(place));
      float most = query.most();
      query.store_bytes((s8*)(to + row * query_stride(Shape::head_dim)), most);
      if (threadIdx.x % 4 == 0) scales[row] = div_rn(most, LARGEST_BYTE);
    }
  }

  // Keys, which lie one behind the other, under way until the next copy_wait.
  template <class Keys>
  static QC_DEVICE void keys(u8* to, const Keys& source, int first) {
    constexpr int UNITS = PADDED / 16;
#pragma unroll
    for (int i = 0; i < ceil_div(rows * UNITS, threads); i++) {
      int unit = threadIdx.x + i * threads;
      int row = unit / UNITS;
      int at = (unit - row * UNITS) * 16;
      if (rows * UNITS % threads == 0 || row < rows) {
        copy_async(
            to + row * key_stride(Shape::head_dim) + at, source.at(first) + unit * 16, source.exists(first + row));
      }
    }
  }
};

// Queries by keys, both rows of shared memory.
template <class Shape, int tiles, int keys>
QC_DEVICE void multiply_keys(float (&scores)[tiles][keys / 8][4], const u8* query_rows, const u8* key_rows) {
  constexpr int DIM = Shape::head_dim;
  int matrix = lane_index() / 8;
  int row = lane_index() % 8;
  int sums[tiles][keys / 8][4];
#pragma unroll
  for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
    for (int n = 0; n < keys / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) sums[tile][n][i] = BIAS_BITS;
    }
  }
  // Not unrolled: fragments of a later step would take registers that there are not.
#pragma unroll 1
  for (int step = 0; step < padded(DIM); step += STEP) {
    u32 a[tiles][4];
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
      // Rows 0..7 and 8..15 of 16 channels, then of the next 16.
      int query = tile * tensor::ROWS + matrix % 2 * 8 + row;
      load_matrices(a[tile], query_rows + query * query_stride(DIM) + step + matrix / 2 * 16);
    }
#pragma unroll
    for (int n = 0; n < keys / 8; n += 2) {
      u32 b[4];
      int key = (n + matrix / 2) * 8 + row;
      load_matrices(b, key_rows + key * key_stride(DIM) + step + matrix % 2 * 16);
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) {
        multiply_s8(sums[tile][n], a[tile], {b[0], b[1]});
        multiply_s8(sums[tile][n + 1], a[tile], {b[2], b[3]});
      }
    }
  }
#pragma unroll
  for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
    for (int n = 0; n < keys / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) scores[tile][n][i] = float_of_bits(sums[tile][n][i]) - BIAS;
    }
  }
}

// As tensor::block, with keys as bytes.
template <class Shape, class Queries, class Keys, class Values, class Results>
QC_DEVICE void block(
    u8* memory,
    const Queries& queries,
    const Keys& keys,
    const float* key_scales,
    const Values& values,
    const Results& results,
    int first,
    const float* query_norm,
    const float* rope) {
  constexpr int TILES = Shape::tiles;
  constexpr int KEYS = tensor::KEYS;
  constexpr int OWN = tensor::ROWS * TILES;
  constexpr int THREADS = Shape::warps * 32;
  constexpr int QUERIES = OWN * Shape::warps;
  constexpr int DIM = Shape::head_dim;
  static_assert(KEYS == KEYS_PER_SCALE, "keys of a step share a scale");
  using Rows = Loader<Shape, QUERIES, THREADS>;
  using KeyRows = Loader<Shape, KEYS, THREADS>;
  using Warp = tensor::Warp<Shape, TILES>;
  int own = warp_index() * OWN;
  u8* query_rows = memory + own * query_stride(DIM);
  u8* key_rows = memory + QUERIES * query_stride(DIM);
  bf16* value_rows = (bf16*)(key_rows + KEYS * key_stride(DIM));
  float* query_scales = (float*)(value_rows + KEYS * tensor::stride(DIM));

  KeyRows::keys(key_rows, keys, 0);
  copy_commit();
  Rows::queries(memory, query_scales, queries, first, query_norm, rope);
  copy_wait<0>();
  sync_block();
  // Read anew for each step: registers are worth more.
  const float* own_scales = query_scales + own + lane_index() / 4;

  Warp warp;
  warp.begin();
  bool busy = queries.exists(first + own);
#pragma unroll 1
  for (int key = 0; key < keys.count; key += KEYS) {
    bool more = key + KEYS < keys.count;
    tensor::Loader<Shape, KEYS, THREADS>::copy(value_rows, values, key, threadIdx.x);
    copy_commit();
    float scores[TILES][KEYS / 8][4];
    if (busy) multiply_keys<Shape, TILES, KEYS>(scores, query_rows, key_rows);
    float key_factor = key_scales[key / KEYS] * (Shape::scale * LOG2_E);
    copy_wait<0>();
    sync_block();
    if (more) {
      KeyRows::keys(key_rows, keys, key + KEYS);
      copy_commit();
    }
    if (busy) {
      int left = keys.count - key;
      warp.template add<KEYS>(
          scores,
          value_rows,
          left < KEYS,
          [left](int, int i) { return i < left; },
          [own_scales, key_factor](int tile, int i) {
            return larger(own_scales[tile * tensor::ROWS + i * 8] * key_factor, LEAST_FACTOR);
          });
    }
    if (more) {
      copy_wait<0>();
      sync_block();
    }
  }
  warp.finish();
  // Nobody else reads these queries, so their rows can hold the results.
  sync_warp();
  warp.store((bf16*)query_rows, results, first + own);
}

}  // namespace integer
}  // namespace attention
