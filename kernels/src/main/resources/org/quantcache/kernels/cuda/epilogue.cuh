// What follows a product: residual + gate * act(product + bias), four neighbouring columns at a time.
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

// Pointers of parts that are left out are null, their numbers 0.
template <int columns, bool has_bias, Activation activation, bool has_gate, bool has_residual, class Gate,
          class Residual>
struct Epilogue {
  const float* bias;
  const Gate* gate;
  const Residual* residual;
  // A table of gates has a row for each frame of each sample, or fewer, which repeat.
  int rows_per_sample;
  int rows_per_frame;
  int samples;
  int frames;
  // After so many rows the residual repeats.
  int residual_rows;

  // Where a row of the product finds its operands.
  struct Row {
    const Gate* gate;
    const Residual* residual;
  };

  QC_DEVICE Row row(int row) const {
    Row out{gate, residual};
    if (has_gate) {
      int sample = row / rows_per_sample % samples;
      int frame = row / rows_per_frame % frames;
      out.gate += (long long)(sample * frames + frame) * columns;
    }
    if (has_residual) {
      out.residual += (long long)(row % residual_rows) * columns;
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

}  // namespace products
