// Attention of bf16 rows on tensor cores, softmax in f32, no score ever in memory. A warp owns 16 or
// 32 queries. Rows have any number of units of 8 channels, without padding: an odd number ends in half a step.
#pragma once

#include "attention.cuh"

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

// What softmax of `tiles` times 16 queries of a warp has summed up so far. Lane 4 g + t holds rows g and g + 8 of each
// tile, of every 8 columns those at 2 t and 2 t + 1. Two tiles share what they read of keys and values.
template <class Shape, int tiles>
struct Warp {
  static constexpr int DIM = Shape::head_dim;
  static constexpr int UNITS = DIM / 8;
  static constexpr int STEPS = ceil_div(UNITS, 2);
  static constexpr int STRIDE = stride(DIM);
  static constexpr float FACTOR = Shape::scale * LOG2_E;

  float mixed[tiles][UNITS][4];
  float most[tiles][2];
  float sums[tiles][2];

  QC_DEVICE void begin() {
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
      for (int unit = 0; unit < UNITS; unit++) {
#pragma unroll
        for (int i = 0; i < 4; i++) mixed[tile][unit][i] = 0;
      }
#pragma unroll
      for (int i = 0; i < 2; i++) {
        most[tile][i] = NO_SCORE;
        sums[tile][i] = 0;
      }
    }
  }

  // Queries by keys, both rows of shared memory. Queries are read anew each time: their registers are worth more.
  template <int keys>
  static QC_DEVICE void multiply_keys(
      float (&scores)[tiles][keys / 8][4], const bf16* query_rows, const bf16* key_rows) {
    int matrix = lane_index() / 8;
    int row = lane_index() % 8;
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      bool whole = 2 * step + 1 < UNITS;
      u32 a[tiles][4];
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) {
        // Rows 0..7 and 8..15 of one unit, then of the next; only the former count where there is no next one.
        int query = tile * ROWS + matrix % 2 * 8 + row;
        load_matrices(a[tile], query_rows + query * STRIDE + (2 * step + (whole ? matrix / 2 : 0)) * 8);
      }
      if (whole) {
        // Two groups of 8 keys by two units.
#pragma unroll
        for (int n = 0; n < keys / 8; n += 2) {
          u32 b[4];
          int key = (n + matrix / 2) * 8 + row;
          load_matrices(b, key_rows + key * STRIDE + (2 * step + matrix % 2) * 8);
#pragma unroll
          for (int tile = 0; tile < tiles; tile++) {
            multiply_bf16(scores[tile][n], a[tile], {b[0], b[1]});
            multiply_bf16(scores[tile][n + 1], a[tile], {b[2], b[3]});
          }
        }
      } else {
        // The last unit alone: four groups of keys; of 16 keys the two groups come twice.
#pragma unroll
        for (int n = 0; n < keys / 8; n += 4) {
          u32 b[4];
          int key = (n + (keys == 16 ? matrix % 2 : matrix)) * 8 + row;
          load_matrices(b, key_rows + key * STRIDE + 2 * step * 8);
#pragma unroll
          for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
            for (int i = 0; i < (keys == 16 ? 2 : 4); i++) {
              multiply_bf16_half(scores[tile][n + i], {a[tile][0], a[tile][1]}, b[i]);
            }
          }
        }
      }
    }
  }

  // The same factor for all scores.
  template <int keys, class Visible>
  QC_DEVICE void add(
      float (&scores)[tiles][keys / 8][4], const bf16* value_rows, bool masked, const Visible& visible) {
    add<keys>(scores, value_rows, masked, visible, [](int, int) { return FACTOR; });
  }

  // Takes values from shared memory by their keys' scores. `visible(row, key)` says which of them a query sees where
  // `masked`; values of keys that nobody sees must be finite. `factor(tile, i)`, above 0, belongs to the scores of row
  // g + 8 i.
  template <int keys, class Visible, class Factor>
  QC_DEVICE void add(
      float (&scores)[tiles][keys / 8][4],
      const bf16* value_rows,
      bool masked,
      const Visible& visible,
      const Factor& factor) {
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
      if (masked) {
#pragma unroll
        for (int n = 0; n < keys / 8; n++) {
#pragma unroll
          for (int i = 0; i < 4; i++) {
            int row = tile * ROWS + lane_index() / 4 + i / 2 * 8;
            int key = n * 8 + lane_index() % 4 * 2 + i % 2;
            scores[tile][n][i] = visible(row, key) ? scores[tile][n][i] : NO_SCORE;
          }
        }
      }
      soften<keys>(tile, scores[tile], factor);
    }
    multiply_values<keys>(scores, value_rows);
  }

  // Divides by the sums; no key at all gives zeros.
  QC_DEVICE void finish() {
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float sum = sums[tile][i];
        sum += shuffle_xor(sum, 1);
        sum += shuffle_xor(sum, 2);
        float factor = sum == 0.0f ? 0.0f : 1.0f / sum;
#pragma unroll
        for (int unit = 0; unit < UNITS; unit++) {
          mixed[tile][unit][2 * i] *= factor;
          mixed[tile][unit][2 * i + 1] *= factor;
        }
      }
    }
  }

  // Writes the rows; bf16 goes through rows of shared memory that belong to this warp, to be written in whole units.
  template <class Results>
  QC_DEVICE void store(bf16* staging, const Results& results, int first) {
    int column = lane_index() % 4 * 2;
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        int row = tile * ROWS + lane_index() / 4 + i * 8;
        if constexpr (is_bf16<typename Shape::Result>) {
#pragma unroll
          for (int unit = 0; unit < UNITS; unit++) {
            *(u32*)(staging + row * STRIDE + unit * 8 + column) =
                pair_bf16(mixed[tile][unit][2 * i], mixed[tile][unit][2 * i + 1]);
          }
        } else if (results.exists(first + row)) {
          auto to = results.at(first + row) + column;
#pragma unroll
          for (int unit = 0; unit < UNITS; unit++) {
            to[unit * 8] = rounded<typename Shape::Result>(mixed[tile][unit][2 * i]);
            to[unit * 8 + 1] = rounded<typename Shape::Result>(mixed[tile][unit][2 * i + 1]);
          }
        }
      }
    }
    if constexpr (is_bf16<typename Shape::Result>) {
      sync_warp();
#pragma unroll
      for (int i = 0; i < ceil_div(tiles * ROWS * UNITS, 32); i++) {
        int unit = lane_index() + i * 32;
        int row = unit / UNITS;
        int c = (unit - row * UNITS) * 8;
        if (row < tiles * ROWS && results.exists(first + row)) {
          *(Cells*)(results.at(first + row) + c) = *(const Cells*)(staging + row * STRIDE + c);
        }
      }
    }
  }

 private:
  // Scores become weights. `most` is kept as rounded with its factor, so that old and new weights stay comparable.
  template <int keys, class Factor>
  QC_DEVICE void soften(int tile, float (&scores)[keys / 8][4], const Factor& factor_of) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      float factor = factor_of(tile, i);
      float top = scores[0][2 * i];
#pragma unroll
      for (int n = 0; n < keys / 8; n++) top = larger(top, larger(scores[n][2 * i], scores[n][2 * i + 1]));
      top = larger(top, shuffle_xor(top, 1));
      top = larger(top, shuffle_xor(top, 2));
      top = larger(most[tile][i], top * factor);
      float correction = exp2_fast(most[tile][i] - top);
      most[tile][i] = top;
      float sum = 0;
#pragma unroll
      for (int n = 0; n < keys / 8; n++) {
#pragma unroll
        for (int e = 2 * i; e < 2 * i + 2; e++) {
          scores[n][e] = exp2_fast(fma_rn(scores[n][e], factor, -top));
          sum += scores[n][e];
        }
      }
      sums[tile][i] = sums[tile][i] * correction + sum;
#pragma unroll
      for (int unit = 0; unit < UNITS; unit++) {
        mixed[tile][unit][2 * i] *= correction;
        mixed[tile][unit][2 * i + 1] *= correction;
      }
    }
  }

  template <int keys>
  QC_DEVICE void multiply_values(const float (&weights)[tiles][keys / 8][4], const bf16* rows) {
    int matrix = lane_index() / 8;
    int row = lane_index() % 8;
    if constexpr (keys == 16) {
      // 16 keys by two units.
      u32 a[tiles][4];
#pragma unroll
      for (int tile = 0; tile < tiles; tile++) fragment(a[tile], weights[tile][0], weights[tile][1]);
#pragma unroll
      for (int unit = 0; unit < UNITS; unit += 2) {
        bool last = unit + 1 == UNITS;
        u32 b[4];
        load_matrices_transposed(b, rows + (matrix % 2 * 8 + row) * STRIDE + (unit + (last ? 0 : matrix / 2)) * 8);
#pragma unroll
        for (int tile = 0; tile < tiles; tile++) {
          multiply_bf16(mixed[tile][unit], a[tile], {b[0], b[1]});
          if (!last) multiply_bf16(mixed[tile][unit + 1], a[tile], {b[2], b[3]});
        }
      }
    } else {
      // 32 keys by one unit.
#pragma unroll
      for (int n = 0; n < keys / 8; n += 4) {
        u32 low[tiles][4];
        u32 high[tiles][4];
#pragma unroll
        for (int tile = 0; tile < tiles; tile++) {
          fragment(low[tile], weights[tile][n], weights[tile][n + 1]);
          fragment(high[tile], weights[tile][n + 2], weights[tile][n + 3]);
        }
#pragma unroll
        for (int unit = 0; unit < UNITS; unit++) {
          u32 b[4];
          load_matrices_transposed(b, rows + ((n + matrix) * 8 + row) * STRIDE + unit * 8);
#pragma unroll
          for (int tile = 0; tile < tiles; tile++) {
            multiply_bf16(mixed[tile][unit], low[tile], {b[0], b[1]});
            multiply_bf16(mixed[tile][unit], high[tile], {b[2], b[3]});
          }
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

// Attention of queries `first` on, 16 * tiles * warps of them, to all keys, 64 at a time. Values travel while scores
// are made, the next keys while values are added.
template <class Shape, class Queries, class Keys, class Values, class Results>
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
  constexpr int TILES = Shape::tiles;
  constexpr int STRIDE = stride(Shape::head_dim);
  constexpr int OWN = ROWS * TILES;
  constexpr int QUERIES = OWN * Shape::warps;
  using KeyLoader = Loader<Shape, KEYS, Shape::warps * 32>;
  using QueryLoader = Loader<Shape, QUERIES, Shape::warps * 32>;
  int thread = threadIdx.x;
  int own = warp_index() * OWN;
  bf16* query_rows = memory + own * STRIDE;
  bf16* key_rows = memory + QUERIES * STRIDE;
  bf16* value_rows = key_rows + KEYS * STRIDE;

  QueryLoader::copy(memory, queries, first, thread);
  KeyLoader::copy(key_rows, keys, 0, thread);
  copy_commit();
  copy_wait<0>();
  QueryLoader::prepare(memory, queries, first, thread, query_norm, rope);
  if constexpr (Shape::keys == attention::Keys::BESIDE) {
    KeyLoader::prepare(key_rows, keys, 0, thread, key_norm, rope);
  }
  sync_block();

  Warp<Shape, TILES> warp;
  warp.begin();
  bool busy = queries.exists(first + own);
  for (int key = 0; key < keys.count; key += KEYS) {
    bool more = key + KEYS < keys.count;
    KeyLoader::copy(value_rows, values, key, thread);
    copy_commit();
    float scores[TILES][KEYS / 8][4] = {};
    if (busy) Warp<Shape, TILES>::template multiply_keys<KEYS>(scores, query_rows, key_rows);
    copy_wait<0>();
    sync_block();
    if (more) {
      KeyLoader::copy(key_rows, keys, key + KEYS, thread);
      copy_commit();
    }
    if (busy) {
      int left = keys.count - key;
      warp.template add<KEYS>(scores, value_rows, left < KEYS, [left](int, int i) { return i < left; });
    }
    if (more) {
      copy_wait<0>();
      if constexpr (Shape::keys == attention::Keys::BESIDE) {
        KeyLoader::prepare(key_rows, keys, key + KEYS, thread, key_norm, rope);
      }
      sync_block();
    }
  }
  warp.finish();
  // Nobody else reads these queries, so their rows can hold the results.
  sync_warp();
  warp.store(query_rows, results, first + own);
}

}  // namespace tensor
}  // namespace attention
