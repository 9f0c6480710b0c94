// Attention in f32 arithmetic, for every element kind and any size. A block treats some queries of one head; keys and
// values come through shared memory in tiles. A warp owns `ROWS` queries: for the scores a lane is a key, for the
// product with the values it is a channel.
#pragma once

#include "attention.cuh"

namespace attention {
namespace plain {

constexpr int ROWS = 8;
constexpr int KEYS = 32;

// Elements of a row in shared memory: odd, so that lanes which read a column of 32 rows meet 32 banks.
QC_DEVICE constexpr int stride(int head_dim) { return head_dim | 1; }

// Brings rows `first` on, `rows` of them, to shared memory, times `scale`; zeros where there are none. With `prepare` they
// are normed by `weights` and rotated by `table`, as Shape says, with `round` then rounded as bytes would be.
template <class Shape, int rows, int warps, bool prepare, bool round, class Source>
QC_DEVICE void load(
    float* to, const Source& source, int first, const float* weights, const float* table, float scale) {
  constexpr int DIM = Shape::head_dim;
  constexpr int PARTS = ceil_div(DIM, 32);
  int lane = lane_index();
#pragma unroll 4
  for (int row = warp_index(); row < rows; row += warps) {
    bool exists = source.exists(first + row);
    auto from = source.at(exists ? first + row : 0);
    float x[PARTS];
#pragma unroll
    for (int i = 0; i < PARTS; i++) {
      int c = lane + 32 * i;
      x[i] = exists && c < DIM ? to_float(from[c]) * scale : 0.0f;
    }
    if constexpr (prepare && Shape::norm) {
      float squares = 0;
#pragma unroll
      for (int i = 0; i < PARTS; i++) squares += x[i] * x[i];
#pragma unroll
      for (int mask = 16; mask > 0; mask /= 2) squares += shuffle_xor(squares, mask);
      float factor = 1.0f / root(squares / DIM + Shape::epsilon);
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        int c = lane + 32 * i;
        if (c < DIM) x[i] *= factor * weights[c];
      }
    }
    if constexpr (prepare && Shape::rope) {
      const float* angles = table + (long long)source.place(exists ? first + row : 0) * DIM;
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        float other = shuffle_xor(x[i], 1);
        int c = lane + 32 * i;
        if (c < DIM) {
          float cosine = angles[c & ~1];
          float sine = angles[c | 1];
          x[i] = x[i] * cosine + ((c & 1) != 0 ? other * sine : -other * sine);
        }
      }
    }
    if constexpr (round) {
      float most = 0;
#pragma unroll
      for (int i = 0; i < PARTS; i++) most = larger(most, magnitude(x[i]));
#pragma unroll
      for (int mask = 16; mask > 0; mask /= 2) most = larger(most, shuffle_xor(most, mask));
      float factor = most == 0 ? 0.0f : div_rn(LARGEST_BYTE, most);
#pragma unroll
      for (int i = 0; i < PARTS; i++) x[i] = (float)nearest(mul_rn(x[i], factor)) * div_rn(most, LARGEST_BYTE);
    }
#pragma unroll
    for (int i = 0; i < PARTS; i++) {
      int c = lane + 32 * i;
      if (c < DIM) to[row * stride(DIM) + c] = x[i];
    }
  }
}

// Attention of queries `first` on, ROWS * warps of them, to all keys, which have scales where they are bytes.
template <class Shape, int warps, class Queries, class Keys, class Values, class Results>
QC_DEVICE void block(
    float* memory,
    const Queries& queries,
    const Keys& keys,
    const float* key_scales,
    const Values& values,
    const Results& results,
    int first,
    const float* query_norm,
    const float* key_norm,
    const float* rope) {
  constexpr bool BYTES = Shape::keys == attention::Keys::BYTES;
  constexpr int DIM = Shape::head_dim;
  constexpr int PARTS = ceil_div(DIM, 32);
  constexpr int STRIDE = stride(DIM);
  float* query_tile = memory;
  float* key_tile = query_tile + ROWS * warps * STRIDE;
  float* value_tile = key_tile + KEYS * STRIDE;
  int lane = lane_index();
  const float* own = query_tile + warp_index() * ROWS * STRIDE;

  load<Shape, ROWS * warps, warps, true, BYTES>(query_tile, queries, first, query_norm, rope, 1);
  float mixed[ROWS][PARTS] = {};
  float sums[ROWS] = {};
  float most[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; r++) most[r] = NO_SCORE;

  for (int tile = 0; tile < keys.count; tile += KEYS) {
    load<Shape, KEYS, warps, Shape::keys == attention::Keys::BESIDE, false>(
        key_tile, keys, tile, key_norm, rope, BYTES ? key_scales[tile / KEYS_PER_SCALE] : 1.0f);
    load<Shape, KEYS, warps, false, false>(value_tile, values, tile, nullptr, nullptr, 1);
    sync_block();
    // Short sums are summed up, here of channels and below of keys: long chains of additions lose digits.
    float scores[ROWS] = {};
    for (int first_channel = 0; first_channel < DIM; first_channel += 8) {
      float part[ROWS] = {};
#pragma unroll
      for (int c = first_channel; c < first_channel + 8; c++) {
        if (DIM % 8 == 0 || c < DIM) {
          float key = key_tile[lane * STRIDE + c];
#pragma unroll
          for (int r = 0; r < ROWS; r++) part[r] += own[r * STRIDE + c] * key;
        }
      }
#pragma unroll
      for (int r = 0; r < ROWS; r++) scores[r] += part[r];
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      scores[r] = keys.exists(tile + lane) ? scores[r] * (Shape::scale * LOG2_E) : NO_SCORE;
      float top = scores[r];
#pragma unroll
      for (int mask = 16; mask > 0; mask /= 2) top = larger(top, shuffle_xor(top, mask));
      top = larger(top, most[r]);
      float correction = exp2_fast(most[r] - top);
      most[r] = top;
      scores[r] = exp2_fast(scores[r] - top);
      sums[r] = sums[r] * correction + scores[r];
#pragma unroll
      for (int i = 0; i < PARTS; i++) mixed[r][i] *= correction;
    }
    float parts[ROWS][PARTS] = {};
#pragma unroll 4
    for (int key = 0; key < KEYS; key++) {
      float weights[ROWS];
#pragma unroll
      for (int r = 0; r < ROWS; r++) weights[r] = shuffle(scores[r], key);
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        int c = lane + 32 * i;
        float value = c < DIM ? value_tile[key * STRIDE + c] : 0.0f;
#pragma unroll
        for (int r = 0; r < ROWS; r++) parts[r][i] += weights[r] * value;
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
      for (int i = 0; i < PARTS; i++) mixed[r][i] += parts[r][i];
    }
    sync_block();
  }

#pragma unroll
  for (int r = 0; r < ROWS; r++) {
#pragma unroll
    for (int mask = 16; mask > 0; mask /= 2) sums[r] += shuffle_xor(sums[r], mask);
    int row = first + warp_index() * ROWS + r;
    if (results.exists(row)) {
      // No key at all gives zeros.
      float factor = sums[r] == 0.0f ? 0.0f : 1.0f / sums[r];
      auto to = results.at(row);
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        int c = lane + 32 * i;
        if (c < DIM) to[c] = rounded<typename Shape::Result>(mixed[r][i] * factor);
      }
    }
  }
}

}  // namespace plain
}  // namespace attention
