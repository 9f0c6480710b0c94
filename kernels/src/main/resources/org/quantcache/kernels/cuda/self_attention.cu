// Attention within sequences of constant length over rows that hold q, k, v side by side, each head-major; keys may also
// be given for themselves. Work items: samples * sequences * heads. Four ways, named by the instance:
//   plain: f32 arithmetic, any element kind and size; a block is some queries of one item
//   tiles: bf16 on tensor cores; a block is 64 or 128 queries of one item
//   packed: bf16 on tensor cores, at most 32 places; a warp is one item, or as many as 16 rows hold
//   bytes: as tiles, with keys that are bytes and queries that become such
#include "attention_integer.cuh"
#include "attention_plain.cuh"
#include "attention_tensor.cuh"

namespace attention {

// Rows of an item from channel `offset` on, in a tensor whose rows have `width` channels.
template <class Shape, class T>
QC_DEVICE Line<T> item_rows(T* base, int width, int offset, const Sequences& at, int item) {
  Item place = item_at<Shape>(at, item);
  T* first = base + place.row * width + offset + place.head * Shape::head_dim;
  return {first, at.place_rows * width, Shape::length};
}

// Keys that are given for themselves, or beside the queries.
template <class Shape>
struct KeyRows {
  static constexpr bool beside = Shape::keys == Keys::BESIDE;
  static constexpr int OWN = Shape::heads * Shape::head_dim;
  static constexpr int width = beside ? 3 * OWN : OWN;
  static constexpr int offset = beside ? OWN : 0;

  static QC_DEVICE const typename Shape::Key* base(
      const typename Shape::Packed* qkv, const typename Shape::Key* keys) {
    if constexpr (beside) {
      return qkv;
    } else {
      return keys;
    }
  }

  // The keys of an item.
  static QC_DEVICE Line<const typename Shape::Key> at(
      const typename Shape::Packed* qkv, const typename Shape::Key* keys, const Sequences& sequences, int item) {
    if constexpr (Shape::keys == Keys::BYTES) {
      constexpr int PADDED = integer::padded(Shape::head_dim);
      return {keys + (long long)item * Shape::length * PADDED, PADDED, Shape::length};
    } else {
      return item_rows<Shape>(base(qkv, keys), width, offset, sequences, item);
    }
  }

  // Their scales, where they have any.
  static QC_DEVICE const float* scales(const float* all, int item) {
    return Shape::keys == Keys::BYTES ? all + (long long)item * ceil_div(Shape::length, KEYS_PER_SCALE) : nullptr;
  }
};

// Rows of consecutive items one after the other, `count` in all. The first item is found once, the others by counting
// on.
template <class Shape, class T>
struct Bundle {
  T* base;
  int width;
  Sequences sequences;
  int sample;
  int sequence;
  int head;
  int count;

  QC_DEVICE Bundle(T* tensor, int width, int offset, const Sequences& at, int item, int count)
      : base(tensor + offset), width(width), sequences(at), count(count) {
    int all = item / Shape::heads;
    head = item - all * Shape::heads;
    sample = all / at.sequences;
    sequence = all - sample * at.sequences;
  }

  QC_DEVICE bool exists(int row) const { return row < count; }
  QC_DEVICE int place(int row) const { return row % Shape::length; }
  QC_DEVICE T* at(int row) const {
    int heads = head + row / Shape::length;
    int s = sample;
    int t = sequence + heads / Shape::heads;
    while (t >= sequences.sequences) {
      t -= sequences.sequences;
      s++;
    }
    long long first = sequences.first_row(s, t) + (long long)place(row) * sequences.place_rows;
    return base + first * width + heads % Shape::heads * Shape::head_dim;
  }
};

template <class Shape>
QC_DEVICE void self_plain(
    u8* memory,
    const typename Shape::Packed* qkv,
    typename Shape::Result* result,
    const float* query_norm,
    const float* key_norm,
    const float* rope,
    const typename Shape::Key* keys,
    const float* key_scales,
    const Sequences& at,
    int) {
  constexpr int QUERIES = plain::ROWS * Shape::warps;
  constexpr int BLOCKS = ceil_div(Shape::length, QUERIES);
  constexpr int WIDTH = Shape::heads * Shape::head_dim;
  int item = blockIdx.x / BLOCKS;
  plain::block<Shape, Shape::warps>(
      (float*)memory,
      item_rows<Shape>(qkv, 3 * WIDTH, 0, at, item),
      KeyRows<Shape>::at(qkv, keys, at, item),
      KeyRows<Shape>::scales(key_scales, item),
      item_rows<Shape>(qkv, 3 * WIDTH, 2 * WIDTH, at, item),
      item_rows<Shape>(result, WIDTH, 0, at, item),
      blockIdx.x % BLOCKS * QUERIES,
      query_norm,
      key_norm,
      rope);
}

template <class Shape>
QC_DEVICE void self_tiles(
    u8* memory,
    const bf16* qkv,
    typename Shape::Result* result,
    const float* query_norm,
    const float* key_norm,
    const float* rope,
    const typename Shape::Key* keys,
    const float* key_scales,
    const Sequences& at,
    int) {
  constexpr int QUERIES = tensor::ROWS * Shape::tiles * Shape::warps;
  constexpr int BLOCKS = ceil_div(Shape::length, QUERIES);
  constexpr int WIDTH = Shape::heads * Shape::head_dim;
  int item = blockIdx.x / BLOCKS;
  tensor::block<Shape>(
      (bf16*)memory,
      item_rows<Shape>(qkv, 3 * WIDTH, 0, at, item),
      KeyRows<Shape>::at(qkv, keys, at, item),
      item_rows<Shape>(qkv, 3 * WIDTH, 2 * WIDTH, at, item),
      item_rows<Shape>(result, WIDTH, 0, at, item),
      blockIdx.x % BLOCKS * QUERIES,
      query_norm,
      key_norm,
      rope);
}

template <class Shape>
QC_DEVICE void self_bytes(
    u8* memory,
    const bf16* qkv,
    typename Shape::Result* result,
    const float* query_norm,
    const float*,
    const float* rope,
    const s8* keys,
    const float* key_scales,
    const Sequences& at,
    int) {
  constexpr int QUERIES = tensor::ROWS * Shape::tiles * Shape::warps;
  constexpr int BLOCKS = ceil_div(Shape::length, QUERIES);
  constexpr int WIDTH = Shape::heads * Shape::head_dim;
  int item = blockIdx.x / BLOCKS;
  integer::block<Shape>(
      memory,
      item_rows<Shape>(qkv, 3 * WIDTH, 0, at, item),
      KeyRows<Shape>::at(qkv, keys, at, item),
      KeyRows<Shape>::scales(key_scales, item),
      item_rows<Shape>(qkv, 3 * WIDTH, 2 * WIDTH, at, item),
      item_rows<Shape>(result, WIDTH, 0, at, item),
      blockIdx.x % BLOCKS * QUERIES,
      query_norm,
      rope);
}

// One warp: rows of up to 32 places to its own shared memory, and all queries to all keys in one tile.
template <class Shape, class Queries, class KeySource, class Values, class Results>
QC_DEVICE void self_warp(
    bf16* memory,
    const Queries& queries,
    const KeySource& keys,
    const Values& values,
    const Results& results,
    const float* query_norm,
    const float* key_norm,
    const float* rope) {
  constexpr int ROWS = ceil_div(Shape::length, tensor::ROWS) * tensor::ROWS;
  constexpr int STRIDE = tensor::stride(Shape::head_dim);
  using Loader = tensor::Loader<Shape, ROWS, 32>;
  bf16* key_rows = memory + ROWS * STRIDE;
  bf16* value_rows = memory + 2 * ROWS * STRIDE;
  int lane = lane_index();
  Loader::copy(memory, queries, 0, lane);
  Loader::copy(key_rows, keys, 0, lane);
  Loader::copy(value_rows, values, 0, lane);
  copy_commit();
  copy_wait<0>();
  Loader::prepare(memory, queries, 0, lane, query_norm, rope);
  if constexpr (Shape::keys == Keys::BESIDE) Loader::prepare(key_rows, keys, 0, lane, key_norm, rope);
  sync_warp();
#pragma unroll 1
  for (int first = 0; first < ROWS; first += tensor::ROWS) {
    tensor::Warp<Shape, 1> warp;
    warp.begin();
    float scores[1][ROWS / 8][4] = {};
    tensor::Warp<Shape, 1>::template multiply_keys<ROWS>(scores, memory + first * STRIDE, key_rows);
    warp.template add<ROWS>(scores, value_rows, true, [&](int row, int key) {
      return keys.exists(key) && (first + row) / Shape::length == key / Shape::length;
    });
    warp.finish();
    // Every lane has read these queries, so their rows can hold the results.
    sync_warp();
    warp.store(memory + first * STRIDE, results, first);
  }
}

template <class Shape>
QC_DEVICE void self_packed(
    u8* memory,
    const bf16* qkv,
    typename Shape::Result* result,
    const float* query_norm,
    const float* key_norm,
    const float* rope,
    const bf16* keys,
    const float*,
    const Sequences& at,
    int items) {
  constexpr int LENGTH = Shape::length;
  constexpr int ROWS = ceil_div(LENGTH, tensor::ROWS) * tensor::ROWS;
  constexpr int PACKED = ROWS / LENGTH;
  constexpr int WIDTH = Shape::heads * Shape::head_dim;
  int item = (blockIdx.x * Shape::warps + warp_index()) * PACKED;
  if (item >= items) return;
  bf16* own = (bf16*)memory + warp_index() * 3 * ROWS * tensor::stride(Shape::head_dim);
  if constexpr (PACKED == 1) {
    self_warp<Shape>(
        own,
        item_rows<Shape>(qkv, 3 * WIDTH, 0, at, item),
        KeyRows<Shape>::at(qkv, keys, at, item),
        item_rows<Shape>(qkv, 3 * WIDTH, 2 * WIDTH, at, item),
        item_rows<Shape>(result, WIDTH, 0, at, item),
        query_norm,
        key_norm,
        rope);
  } else {
    int rows = (items - item < PACKED ? items - item : PACKED) * LENGTH;
    self_warp<Shape>(
        own,
        Bundle<Shape, const bf16>(qkv, 3 * WIDTH, 0, at, item, rows),
        Bundle<Shape, const bf16>(
            KeyRows<Shape>::base(qkv, keys), KeyRows<Shape>::width, KeyRows<Shape>::offset, at, item, rows),
        Bundle<Shape, const bf16>(qkv, 3 * WIDTH, 2 * WIDTH, at, item, rows),
        Bundle<Shape, typename Shape::Result>(result, WIDTH, 0, at, item, rows),
        query_norm,
        key_norm,
        rope);
  }
}

}  // namespace attention

//@instance
struct ${name}_shape {
  using Packed = ${qkv};
  using Key = ${key};
  using Result = ${result};
  static constexpr int heads = ${heads};
  static constexpr int head_dim = ${head_dim};
  static constexpr int length = ${length};
  static constexpr int warps = ${warps};
  static constexpr int tiles = ${tiles};
  static constexpr attention::Keys keys = attention::Keys::${keys};
  static constexpr bool norm = ${norm};
  static constexpr bool rope = ${rope};
  static constexpr float scale = ${scale};
  static constexpr float epsilon = ${epsilon};
};
// Room for one block is all it asks: asked for none, compilers spill to make room for more.
QC_KERNEL_OF(${threads}, 1)
${name}(
    const ${qkv}* __restrict__ qkv, ${result}* __restrict__ result${pointers},
    int sequences, int sample_rows, int sequence_rows, int place_rows, int items) {
  QC_DYNAMIC_SHARED(memory);
  attention::Sequences at = {sequences, sample_rows, sequence_rows, place_rows};
  attention::self_${way}<${name}_shape>(memory, qkv, result, ${tables}, at, items);
}
