// Keys of all heads, normed and rotated: made once, where attention of long sequences would make them for each block of
// queries. Two ways, named by the instance:
//   floats: rows of k alone; work items are rows of heads, four lanes each
//   bytes: whole numbers less the mean of the sequence; work items are samples * sequences * heads, a block each
#include "head_rows.cuh"

namespace attention {

template <class Shape>
QC_DEVICE void key_floats(
    const typename Shape::Packed* qkv,
    typename Shape::Packed* keys,
    float*,
    const float* key_norm,
    const float* rope,
    const Sequences& at,
    int items) {
  constexpr int WIDTH = Shape::heads * Shape::head_dim;
  int item = (blockIdx.x * blockDim.x + threadIdx.x) / 4;
  bool exists = item < items;
  int row = item / Shape::heads;
  int channel = (item - row * Shape::heads) * Shape::head_dim;
  int place = row / at.place_rows % Shape::length;
  HeadRow<Shape, Shape::head_dim, Shape::width> key;
  key.load(
      qkv + (exists ? (long long)row * (3 * WIDTH) + WIDTH + channel : 0),
      exists,
      key_norm,
      rope,
      place);
  if (exists) key.store(keys + (long long)row * WIDTH + channel);
}

// Rows are read twice: for the mean, and to be rounded, KEYS_PER_SCALE at a time.
template <class Shape>
QC_DEVICE void key_bytes(
    const typename Shape::Packed* qkv,
    s8* keys,
    float* scales,
    const float* key_norm,
    const float* rope,
    const Sequences& at,
    int) {
  constexpr int WIDTH = Shape::heads * Shape::head_dim;
  constexpr int PADDED = ceil_div(Shape::head_dim, 32) * 32;
  constexpr int WARPS = KEYS_PER_SCALE * 4 / 32;
  using Row = HeadRow<Shape, PADDED, Shape::width>;
  QC_SHARED float parts[WARPS][PADDED];
  QC_SHARED float mosts[2][WARPS];
  Item item = item_at<Shape>(at, blockIdx.x);
  const typename Shape::Packed* source =
      qkv + item.row * (3 * WIDTH) + WIDTH + item.head * Shape::head_dim;
  long long stride = (long long)at.place_rows * (3 * WIDTH);
  int own = threadIdx.x / 4;

  float mean[Row::COUNT] = {};
#pragma unroll 1
  for (int first = 0; first < Shape::length; first += KEYS_PER_SCALE) {
    bool exists = first + own < Shape::length;
    int place = exists ? first + own : 0;
    Row key;
    key.load(source + place * stride, exists, key_norm, rope, place);
#pragma unroll
    for (int i = 0; i < Row::COUNT; i++) mean[i] += key.x[i];
  }
#pragma unroll
  for (int i = 0; i < Row::COUNT; i++) {
#pragma unroll
    for (int mask = 4; mask < 32; mask *= 2) mean[i] += shuffle_xor(mean[i], mask);
  }
  if (lane_index() < 4) {
#pragma unroll
    for (int i = 0; i < Row::COUNT; i++) {
      int channel = Row::channel(i / Shape::width) + i % Shape::width;
      if (channel < PADDED) parts[warp_index()][channel] = mean[i];
    }
  }
  sync_block();
#pragma unroll
  for (int i = 0; i < Row::COUNT; i++) {
    int channel = Row::channel(i / Shape::width) + i % Shape::width;
    mean[i] = 0;
#pragma unroll
    for (int warp = 0; warp < WARPS; warp++) mean[i] += channel < PADDED ? parts[warp][channel] : 0;
    mean[i] *= 1.0f / Shape::length;
  }

#pragma unroll 1
  for (int first = 0; first < Shape::length; first += KEYS_PER_SCALE) {
    bool exists = first + own < Shape::length;
    int place = exists ? first + own : 0;
    Row key;
    key.load(source + place * stride, exists, key_norm, rope, place);
#pragma unroll
    for (int i = 0; i < Row::COUNT; i++) key.x[i] = exists ? key.x[i] - mean[i] : 0;
    float most = key.most();
#pragma unroll
    for (int mask = 4; mask < 32; mask *= 2) most = larger(most, shuffle_xor(most, mask));
    // Two rounds apart, everybody has read what was there.
    float* round = mosts[first / KEYS_PER_SCALE % 2];
    if (lane_index() == 0) round[warp_index()] = most;
    sync_block();
#pragma unroll
    for (int warp = 0; warp < WARPS; warp++) most = larger(most, round[warp]);
    if (exists) key.store_bytes(keys + ((long long)blockIdx.x * Shape::length + place) * PADDED, most);
    if (threadIdx.x == 0) {
      constexpr int GROUPS = ceil_div(Shape::length, KEYS_PER_SCALE);
      scales[(long long)blockIdx.x * GROUPS + first / KEYS_PER_SCALE] = div_rn(most, LARGEST_BYTE);
    }
  }
}

}  // namespace attention

//@instance
struct ${name}_shape {
  using Packed = ${qkv};
  static constexpr int heads = ${heads};
  static constexpr int head_dim = ${head_dim};
  static constexpr int length = ${length};
  static constexpr int width = ${width};
  static constexpr bool norm = ${norm};
  static constexpr bool rope = ${rope};
  static constexpr float epsilon = ${epsilon};
};
QC_KERNEL(${threads}) ${name}(
    const ${qkv}* __restrict__ qkv, ${result}* __restrict__ keys${pointers},
    int sequences, int sample_rows, int sequence_rows, int place_rows, int items) {
  attention::Sequences at = {sequences, sample_rows, sequence_rows, place_rows};
  attention::key_${way}<${name}_shape>(qkv, keys, ${tables}, at, items);
}
