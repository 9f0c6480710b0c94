// Attention of tokens to text: rows of kv hold k and v side by side, each head-major. Work items: samples * heads *
// chunks of 128 queries, chunks fastest. Two ways, named by the instance:
//   plain: f32 arithmetic, any element kind and size; a block is some queries of one item
//   tiles: bf16 on tensor cores; a block is one item
#include "attention_plain.cuh"
#include "attention_tensor.cuh"

namespace attention {

constexpr int CHUNK = 128;

struct CrossSizes {
  int queries;
  int tokens;
  int query_samples;
};

// Where the rows of one work item lie.
template <class Shape>
struct CrossItem {
  Line<const typename Shape::Query> queries;
  Line<const typename Shape::Text> keys;
  Line<const typename Shape::Text> values;
  Line<typename Shape::Result> results;
  int first;

  QC_DEVICE CrossItem(
      const typename Shape::Query* q,
      const typename Shape::Text* kv,
      typename Shape::Result* result,
      const int* lengths,
      const CrossSizes& sizes,
      int item) {
    constexpr int WIDTH = Shape::heads * Shape::head_dim;
    int chunks = ceil_div(sizes.queries, CHUNK);
    int rest = item / chunks;
    int sample = rest / Shape::heads;
    int channel = (rest - sample * Shape::heads) * Shape::head_dim;
    int count = sizes.tokens;
    if constexpr (Shape::ragged) {
      int length = lengths[sample];
      count = length < count ? length : count;
    }
    first = (item - rest * chunks) * CHUNK;
    long long query_row = (long long)(sample % sizes.query_samples) * sizes.queries;
    long long text_row = (long long)sample * sizes.tokens;
    long long result_row = (long long)sample * sizes.queries;
    queries = {q + query_row * WIDTH + channel, WIDTH, sizes.queries};
    keys = {kv + text_row * (2 * WIDTH) + channel, 2 * WIDTH, count};
    values = {keys.base + WIDTH, 2 * WIDTH, count};
    results = {result + result_row * WIDTH + channel, WIDTH, sizes.queries};
  }
};

template <class Shape>
QC_DEVICE void cross_plain(
    u8* memory,
    const typename Shape::Query* q,
    const typename Shape::Text* kv,
    typename Shape::Result* result,
    const int* lengths,
    const CrossSizes& sizes) {
  constexpr int QUERIES = plain::ROWS * Shape::warps;
  constexpr int BLOCKS = CHUNK / QUERIES;
  CrossItem<Shape> item(q, kv, result, lengths, sizes, blockIdx.x / BLOCKS);
  int first = item.first + blockIdx.x % BLOCKS * QUERIES;
  if (first >= sizes.queries) return;
  plain::block<Shape, Shape::warps>(
      (float*)memory, item.queries, item.keys, nullptr, item.values, item.results, first, nullptr, nullptr, nullptr);
}

template <class Shape>
QC_DEVICE void cross_tiles(
    u8* memory,
    const bf16* q,
    const bf16* kv,
    typename Shape::Result* result,
    const int* lengths,
    const CrossSizes& sizes) {
  static_assert(tensor::ROWS * Shape::tiles * Shape::warps == CHUNK, "a block is one item");
  CrossItem<Shape> item(q, kv, result, lengths, sizes, blockIdx.x);
  tensor::block<Shape>(
      (bf16*)memory, item.queries, item.keys, item.values, item.results, item.first, nullptr, nullptr, nullptr);
}

}  // namespace attention

//@instance
struct ${name}_shape {
  using Query = ${q};
  using Text = ${kv};
  using Result = ${result};
  static constexpr int heads = ${heads};
  static constexpr int head_dim = ${head_dim};
  static constexpr int warps = ${warps};
  static constexpr int tiles = ${tiles};
  static constexpr bool ragged = ${ragged};
  static constexpr attention::Keys keys = attention::Keys::FLOATS;
  static constexpr bool norm = false;
  static constexpr bool rope = false;
  static constexpr float scale = ${scale};
  static constexpr float epsilon = 0;
};
// Room for one block is all it asks: asked for none, compilers spill to make room for more.
QC_KERNEL_OF(${threads}, 1)
${name}(
    const ${q}* __restrict__ q, const ${kv}* __restrict__ kv, ${result}* __restrict__ result${pointers},
    int queries, int tokens, int query_samples, int items) {
  QC_DYNAMIC_SHARED(memory);
  attention::CrossSizes sizes = {queries, tokens, query_samples};
  attention::cross_${way}<${name}_shape>(memory, q, kv, result, ${lengths}, sizes);
}
