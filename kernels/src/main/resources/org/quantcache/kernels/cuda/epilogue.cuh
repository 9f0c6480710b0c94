// What follows a product: residual + gate * act(product + bias), four neighbouring columns at a time, and a probe of it.
#pragma once

#include "activations.cuh"

namespace products {

enum class Activation { NONE, GELU, SILU };

// Read and written at once.
template <class T>
struct alignas(4 * sizeof(T)) Four {
  T at[4];
};

// Columns from `column` on of a row of `columns`; those beyond the end are 0.
template <int columns, class T>
QC_DEVICE void load_four(float (&out)[4], const T* row, int column) {
  if (columns % 4 == 0) {
    Four<T> all = *(const Four<T>*)(row + column);
    for (int i = 0; i < 4; i++) {
      out[i] = to_float(all.at[i]);
    }
  } else {
    for (int i = 0; i < 4; i++) {
      out[i] = column + i < columns ? to_float(row[column + i]) : 0;
    }
  }
}

template <int columns, class T>
QC_DEVICE void store_four(T* row, int column, const float (&values)[4]) {
  if (columns % 4 == 0) {
    Four<T> all;
    for (int i = 0; i < 4; i++) {
      all.at[i] = rounded<T>(values[i]);
    }
    *(Four<T>*)(row + column) = all;
  } else {
    for (int i = 0; i < 4; i++) {
      if (column + i < columns) {
        row[column + i] = rounded<T>(values[i]);
      }
    }
  }
}

template <Activation activation>
QC_DEVICE float activated(float x) {
  return activation == Activation::GELU   ? activations::gelu(x)
         : activation == Activation::SILU ? activations::silu(x)
                                          : x;
}

// Nothing is measured.
struct NoProbe {
  static constexpr bool measures = false;
  static constexpr bool of_addend = false;
  using Held = float;
  float* held;
  float* sums;
};

// Compares p, the result or what it adds to the residual, with what is held, which it replaces; leaves five sums for each
// tile of 8 rows and 32 columns, as PruneOps.PROBE_SUMS has them.
template <bool of_addend_, class Held_>
struct Probe {
  static constexpr bool measures = true;
  static constexpr bool of_addend = of_addend_;
  using Held = Held_;
  Held* held;
  float* sums;
};

// Pointers of parts that are left out are null, their numbers 0.
template <int columns, bool has_bias, Activation activation, bool has_gate, bool has_residual, class Gate,
          class Residual, class Probe>
struct Epilogue {
  const float* bias;
  const Gate* gate;
  const Residual* residual;
  static constexpr bool measures = Probe::measures;
  static constexpr bool of_addend = Probe::of_addend;
  // A table of gates has a row for each frame of each sample, or fewer, which repeat.
  int rows_per_sample;
  int rows_per_frame;
  int samples;
  int frames;
  // After so many rows the residual repeats.
  int residual_rows;
  Probe probe;

  // Where a row of the product finds its operands.
  struct Row {
    const Gate* gate;
    const Residual* residual;
    typename Probe::Held* held;
  };

  QC_DEVICE Row row(int row) const {
    Row out{gate, residual, probe.held};
    if (has_gate) {
      int sample = row / rows_per_sample % samples;
      int frame = row / rows_per_frame % frames;
      out.gate += (long long)(sample * frames + frame) * columns;
    }
    if (has_residual) {
      out.residual += (long long)(row % residual_rows) * columns;
    }
    if (Probe::measures) {
      out.held += (long long)row * columns;
    }
    return out;
  }

  QC_DEVICE void load_bias(float (&out)[4], int column) const {
    if (has_bias) {
      load_four<columns>(out, bias, column);
    }
  }

  QC_DEVICE void apply(float (&values)[4], const float (&added)[4], const Row& row, int column) const {
    float factors[4];
    float sums[4];
    if (has_gate) {
      load_four<columns>(factors, row.gate, column);
    }
    if (has_residual) {
      load_four<columns>(sums, row.residual, column);
    }
    for (int i = 0; i < 4; i++) {
      float x = has_bias ? values[i] + added[i] : values[i];
      x = activated<activation>(x);
      x = has_gate ? x * factors[i] : x;
      values[i] = has_residual ? x + sums[i] : x;
    }
  }
};

// What a warp measures of a tile of 8 rows and 32 columns, of which a lane has two times four columns.
template <class Epilogue, int columns>
struct Measured {
  static constexpr int TILE_ROWS = 8;
  static constexpr int TILE_COLUMNS = 32;
  float sums[5] = {};

  // Takes four columns before they are stored as `Result`: the residual may lie there.
  template <class Result>
  QC_DEVICE void add(const typename Epilogue::Row& row, int column, const float (&values)[4]) {
    if constexpr (Epilogue::measures) {
      float base[4] = {0, 0, 0, 0};
      float before[4];
      float p[4];
      if constexpr (Epilogue::of_addend) {
        load_four<columns>(base, row.residual, column);
      }
      load_four<columns>(before, row.held, column);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        p[i] = to_float(rounded<Result>(values[i])) - base[i];
        sums[0] += p[i] * before[i];
        sums[1] += p[i] * p[i];
        sums[2] += before[i] * before[i];
        sums[3] += magnitude(p[i] - before[i]);
        sums[4] += magnitude(before[i]);
      }
      store_four<columns>(row.held, column, p);
    }
  }

  // All lanes come here once a tile is done that starts at `row` and `column`; the first one stores the sums.
  QC_DEVICE void store(const Epilogue& epilogue, int rows, int row, int column) {
    if constexpr (Epilogue::measures) {
      long long tile = (long long)(row / TILE_ROWS) * (columns / TILE_COLUMNS) + column / TILE_COLUMNS;
#pragma unroll
      for (int i = 0; i < 5; i++) {
#pragma unroll
        for (int mask = 16; mask > 0; mask /= 2) {
          sums[i] += shuffle_xor(sums[i], mask);
        }
        if (lane_index() == 0 && row < rows && column < columns) {
          epilogue.probe.sums[5 * tile + i] = sums[i];
        }
        sums[i] = 0;
      }
    }
  }
};

}  // namespace products
