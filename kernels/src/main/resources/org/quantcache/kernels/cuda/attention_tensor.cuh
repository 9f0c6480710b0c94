// Attention of bf16 rows on tensor cores, softmax in f32, no score ever in memory. A warp owns 16 queries. Rows have any
// number of units of 8 channels, without padding: an odd number ends in half a step.
#pragma once

namespace attention {
namespace tensor {

constexpr int ROWS = 16;
constexpr int KEYS = 64;

// Elements of a row in shared memory: an odd number of 16-byte units, so that 8 rows of a matrix meet all banks.
QC_DEVICE constexpr int stride(int head_dim) { return (head_dim / 8 | 1) * 8; }

// Four threads bring one row, each every fourth unit of 16 bytes. What a thread has copied it may change after its own
// copy_wait, before the others may look.
template <class Shape, int rows, int threads>
struct Loader {
  static constexpr int DIM = Shape::head_dim;
  static constexpr int UNITS = DIM / 8;
  static constexpr int PARTS = ceil_div(UNITS, 4);
  static constexpr int PASSES = rows * 4 / threads;
  static_assert(rows * 4 % threads == 0, "threads take whole rows");

  // Rows `first` on to shared memory, under way until the next copy_wait; zeros where there are none.
  template <class Source>
  static QC_DEVICE void copy(bf16* to, const Source& source, int first, int thread) {
#pragma unroll
    for (int pass = 0; pass < PASSES; pass++) {
      int row = pass * (threads / 4) + thread / 4;
      bool exists = source.exists(first + row);
      const bf16* from = source.at(first + row);
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        int unit = thread % 4 + 4 * i;
        if (unit < UNITS) copy_async(to + row * stride(DIM) + unit * 8, from + unit * 8, exists);
      }
    }
  }

  // Norms and rotates in place what this thread has copied.
  template <class Source>
  static QC_DEVICE void prepare(
      bf16* rows_copied, const Source& source, int first, int thread, const float* weights, const float* table) {
    if constexpr (Shape::norm || Shape::rope) {
#pragma unroll
      for (int pass = 0; pass < PASSES; pass++) {
        int row = pass * (threads / 4) + thread / 4;
        int place = source.exists(first + row) ? source.place(first + row) : 0;
        prepare_row(
            (Cells*)(rows_copied + row * stride(DIM)), thread % 4, weights, table + (long long)place * DIM);
      }
    }
  }

 private:
  static QC_DEVICE void prepare_row(Cells* row, int part, const float* weights, const float* angles) {
    Cells cells[PARTS];
    float squares = 0;
#pragma unroll
    for (int i = 0; i < PARTS; i++) {
      int unit = part + 4 * i;
      cells[i] = unit < UNITS ? row[unit] : Cells{};
#pragma unroll
      for (int e = 0; e < 8; e++) squares += element(cells[i], e) * element(cells[i], e);
    }
    float factor = 1.0f;
    if constexpr (Shape::norm) {
      squares += shuffle_xor(squares, 1);
      squares += shuffle_xor(squares, 2);
      factor = 1.0f / root(squares * (1.0f / DIM) + Shape::epsilon);
    }
#pragma unroll
    for (int i = 0; i < PARTS; i++) {
      int unit = part + 4 * i;
      if (unit < UNITS) row[unit] = prepared(cells[i], factor, weights + unit * 8, angles + unit * 8);
    }
  }

  static QC_DEVICE float element(const Cells& cells, int i) {
    u32 word = cells.words[i / 2];
    return to_float(bf16{(u16)(i % 2 == 0 ? word & 0xffff : word >> 16)});
  }

  static QC_DEVICE Cells prepared(const Cells& raw, float factor, const float* weights, const float* angles) {
    Cells out;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      Floats weight = {{1, 1, 1, 1}};
      Floats angle = {{1, 0, 1, 0}};
      if constexpr (Shape::norm) weight = *(const Floats*)(weights + half * 4);
      if constexpr (Shape::rope) angle = *(const Floats*)(angles + half * 4);
#pragma unroll
      for (int pair = 0; pair < 2; pair++) {
        float even = element(raw, half * 4 + pair * 2) * factor * weight.values[pair * 2];
        float odd = element(raw, half * 4 + pair * 2 + 1) * factor * weight.values[pair * 2 + 1];
        float cosine = angle.values[pair * 2];
        float sine = angle.values[pair * 2 + 1];
        out.words[half * 2 + pair] = Shape::rope
            ? pair_bf16(even * cosine - odd * sine, odd * cosine + even * sine)
            : pair_bf16(even, odd);
      }
    }
    return out;
  }
};

// The state of 16 queries of a warp: their fragments, and what softmax has summed up so far. Lane 4 g + t holds rows g
// and g + 8, of every 8 columns those at 2 t and 2 t + 1.
template <class Shape>
struct Warp {
  static constexpr int DIM = Shape::head_dim;
  static constexpr int UNITS = DIM / 8;
  static constexpr int STEPS = ceil_div(UNITS, 2);
  static constexpr int STRIDE = stride(DIM);
  static constexpr float FACTOR = Shape::scale * LOG2_E;

  u32 queries[STEPS][4];
  float mixed[UNITS][4];
  float most[2];
  float sums[2];

  // Begins with 16 rows of shared memory.
  QC_DEVICE void begin(const bf16* rows) {
    int row = lane_index() % 16;
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      // Of the last unit alone only the first two matrices count.
      int unit = 2 * step + 1 < UNITS ? 2 * step + lane_index() / 16 : 2 * step;
      load_matrices(queries[step], rows + row * STRIDE + unit * 8);
    }
#pragma unroll
    for (int unit = 0; unit < UNITS; unit++) {
#pragma unroll
      for (int i = 0; i < 4; i++) mixed[unit][i] = 0;
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
      most[i] = NO_SCORE;
      sums[i] = 0;
    }
  }

  // Takes `keys` keys and values from shared memory. `visible(row, key)` says which of them a query sees where `masked`;
  // values of keys that nobody sees must be finite.
  template <int keys, class Visible>
  QC_DEVICE void add(const bf16* key_rows, const bf16* value_rows, bool masked, const Visible& visible) {
    float scores[keys / 8][4] = {};
    multiply_keys<keys>(scores, key_rows);
    if (masked) {
#pragma unroll
      for (int n = 0; n < keys / 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          int row = lane_index() / 4 + (i / 2) * 8;
          int key = n * 8 + lane_index() % 4 * 2 + i % 2;
          scores[n][i] = visible(row, key) ? scores[n][i] : NO_SCORE;
        }
      }
    }
    soften<keys>(scores);
    multiply_values<keys>(scores, value_rows);
  }

  // Divides by the sums; no key at all gives zeros.
  QC_DEVICE void finish() {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      sums[i] += shuffle_xor(sums[i], 1);
      sums[i] += shuffle_xor(sums[i], 2);
      float factor = sums[i] == 0.0f ? 0.0f : 1.0f / sums[i];
#pragma unroll
      for (int unit = 0; unit < UNITS; unit++) {
        mixed[unit][2 * i] *= factor;
        mixed[unit][2 * i + 1] *= factor;
      }
    }
  }

  // Writes the rows; bf16 goes through 16 rows of shared memory that belong to this warp, to be written in whole units.
  template <class Results>
  QC_DEVICE void store(bf16* staging, const Results& results, int first) {
    int column = lane_index() % 4 * 2;
    if constexpr (Shape::result_bf16) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        int row = lane_index() / 4 + i * 8;
#pragma unroll
        for (int unit = 0; unit < UNITS; unit++) {
          *(u32*)(staging + row * STRIDE + unit * 8 + column) = pair_bf16(mixed[unit][2 * i], mixed[unit][2 * i + 1]);
        }
      }
      sync_warp();
#pragma unroll
      for (int i = 0; i < ceil_div(ROWS * UNITS, 32); i++) {
        int unit = lane_index() + i * 32;
        int row = unit / UNITS;
        int c = (unit - row * UNITS) * 8;
        if (row < ROWS && results.exists(first + row)) {
          *(Cells*)(results.at(first + row) + c) = *(const Cells*)(staging + row * STRIDE + c);
        }
      }
    } else {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        int row = first + lane_index() / 4 + i * 8;
        if (results.exists(row)) {
          auto to = results.at(row) + column;
#pragma unroll
          for (int unit = 0; unit < UNITS; unit++) {
            to[unit * 8] = rounded<typename Shape::Result>(mixed[unit][2 * i]);
            to[unit * 8 + 1] = rounded<typename Shape::Result>(mixed[unit][2 * i + 1]);
          }
        }
      }
    }
  }

 private:
  template <int keys>
  QC_DEVICE void multiply_keys(float (&scores)[keys / 8][4], const bf16* rows) {
    int matrix = lane_index() / 8;
    int row = lane_index() % 8;
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      if (2 * step + 1 < UNITS) {
        // Two tiles of keys by two units.
#pragma unroll
        for (int n = 0; n < keys / 8; n += 2) {
          u32 b[4];
          int key = (n + matrix / 2) * 8 + row;
          load_matrices(b, rows + key * STRIDE + (2 * step + matrix % 2) * 8);
          multiply_bf16(scores[n], queries[step], {b[0], b[1]});
          multiply_bf16(scores[n + 1], queries[step], {b[2], b[3]});
        }
      } else {
        // The last unit alone: four tiles of keys; of 16 keys the two tiles come twice.
#pragma unroll
        for (int n = 0; n < keys / 8; n += 4) {
          u32 b[4];
          int key = (n + (keys == 16 ? matrix % 2 : matrix)) * 8 + row;
          load_matrices(b, rows + key * STRIDE + 2 * step * 8);
#pragma unroll
          for (int i = 0; i < (keys == 16 ? 2 : 4); i++) {
            multiply_bf16_half(scores[n + i], {queries[step][0], queries[step][1]}, b[i]);
          }
        }
      }
    }
  }

  // Scores become weights. `most` is kept as rounded with its factor, so that old and new weights stay comparable.
  template <int keys>
  QC_DEVICE void soften(float (&scores)[keys / 8][4]) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      float top = scores[0][2 * i];
#pragma unroll
      for (int n = 0; n < keys / 8; n++) top = larger(top, larger(scores[n][2 * i], scores[n][2 * i + 1]));
      top = larger(top, shuffle_xor(top, 1));
      top = larger(top, shuffle_xor(top, 2));
      top = larger(most[i], top * FACTOR);
      float correction = exp2_fast(most[i] - top);
      most[i] = top;
      float sum = 0;
#pragma unroll
      for (int n = 0; n < keys / 8; n++) {
#pragma unroll
        for (int e = 2 * i; e < 2 * i + 2; e++) {
          scores[n][e] = exp2_fast(fma_rn(scores[n][e], FACTOR, -top));
          sum += scores[n][e];
        }
      }
      sums[i] = sums[i] * correction + sum;
#pragma unroll
      for (int unit = 0; unit < UNITS; unit++) {
        mixed[unit][2 * i] *= correction;
        mixed[unit][2 * i + 1] *= correction;
      }
    }
  }

  template <int keys>
  QC_DEVICE void multiply_values(const float (&weights)[keys / 8][4], const bf16* rows) {
    int matrix = lane_index() / 8;
    int row = lane_index() % 8;
    if constexpr (keys == 16) {
      u32 a[4];
      fragment(a, weights[0], weights[1]);
#pragma unroll
      for (int unit = 0; unit < UNITS; unit += 2) {
        bool last = unit + 1 == UNITS;
        u32 b[4];
        load_matrices_transposed(
            b, rows + (matrix % 2 * 8 + row) * STRIDE + (unit + (last ? 0 : matrix / 2)) * 8);
        multiply_bf16(mixed[unit], a, {b[0], b[1]});
        if (!last) multiply_bf16(mixed[unit + 1], a, {b[2], b[3]});
      }
    } else {
#pragma unroll
      for (int n = 0; n < keys / 8; n += 4) {
        u32 low[4];
        u32 high[4];
        fragment(low, weights[n], weights[n + 1]);
        fragment(high, weights[n + 2], weights[n + 3]);
#pragma unroll
        for (int unit = 0; unit < UNITS; unit++) {
          u32 b[4];
          load_matrices_transposed(b, rows + ((n + matrix) * 8 + row) * STRIDE + unit * 8);
          multiply_bf16(mixed[unit], low, {b[0], b[1]});
          multiply_bf16(mixed[unit], high, {b[2], b[3]});
        }
      }
    }
  }

  static QC_DEVICE void fragment(u32 (&a)[4], const float (&left)[4], const float (&right)[4]) {
    a[0] = pair_bf16(left[0], left[1]);
    a[1] = pair_bf16(left[2], left[3]);
    a[2] = pair_bf16(right[0], right[1]);
    a[3] = pair_bf16(right[2], right[3]);
  }
};

// Attention of queries `first` on, 16 * warps of them, to all keys. Tiles of keys and values take turns in two stages;
// the queries pass through the second stage before it is used. `several` says whether there can be more than one tile.
template <class Shape, int warps, bool several, class Queries, class Keys, class Values, class Results>
QC_DEVICE void block(
    bf16* memory,
    const Queries& queries,
    const Keys& keys,
    const Values& values,
    const Results& results,
    int first,
    const float* query_norm,
    const float* key_norm,
    const float* rope) {
  constexpr int STRIDE = stride(Shape::head_dim);
  constexpr int TILE = KEYS * STRIDE;
  using KeyLoader = Loader<Shape, KEYS, warps * 32>;
  using QueryLoader = Loader<Shape, ROWS * warps, warps * 32>;
  static_assert(ROWS * warps <= 2 * KEYS, "queries fit one stage");
  int thread = threadIdx.x;
  int own = warp_index() * ROWS;

  bf16* query_rows = memory + 2 * TILE;
  QueryLoader::copy(query_rows, queries, first, thread);
  KeyLoader::copy(memory, keys, 0, thread);
  KeyLoader::copy(memory + TILE, values, 0, thread);
  copy_commit();
  copy_wait<0>();
  QueryLoader::prepare(query_rows, queries, first, thread, query_norm, rope);
  KeyLoader::prepare(memory, keys, 0, thread, key_norm, rope);
  sync_block();
  Warp<Shape> warp;
  warp.begin(query_rows + own * STRIDE);
  if constexpr (several) sync_block();

  bool busy = queries.exists(first + own);
  for (int tile = 0; tile < keys.count; tile += KEYS) {
    bf16* stage = memory + (tile / KEYS % 2) * 2 * TILE;
    bf16* other = memory + (1 - tile / KEYS % 2) * 2 * TILE;
    bool more = several && tile + KEYS < keys.count;
    if (more) {
      KeyLoader::copy(other, keys, tile + KEYS, thread);
      KeyLoader::copy(other + TILE, values, tile + KEYS, thread);
      copy_commit();
    }
    if (busy) {
      int left = keys.count - tile;
      warp.template add<KEYS>(stage, stage + TILE, left < KEYS, [left](int, int key) { return key < left; });
    }
    if (more) {
      copy_wait<0>();
      KeyLoader::prepare(other, keys, tile + KEYS, thread, key_norm, rope);
      sync_block();
    }
  }
  warp.finish();
  // All warps have read the last tile before its memory becomes theirs for the results.
  sync_block();
  warp.store(memory + own * STRIDE, results, first + own);
}

}  // namespace tensor
}  // namespace attention
