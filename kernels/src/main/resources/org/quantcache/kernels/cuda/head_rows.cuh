// Rows of one head in the registers of four neighbouring lanes, normed and rotated on their way.
#pragma once

#include "attention.cuh"
#include "packs.cuh"

namespace attention {

// A lane holds every fourth run of `width` channels; channels from head_dim on, up to `padded`, are zeros.
template <class Shape, int padded, int width>
struct HeadRow {
  static constexpr int DIM = Shape::head_dim;
  static constexpr int PARTS = ceil_div(padded, 4 * width);
  static constexpr int COUNT = PARTS * width;
  static_assert(DIM % width == 0 && padded % width == 0, "whole runs");
  static_assert(!Shape::rope || width % 2 == 0, "pairs are rotated within a lane");

  float x[COUNT];

  static QC_DEVICE int channel(int part) { return (lane_index() % 4 + 4 * part) * width; }

  // All lanes of the warp take part; rows that do not exist are zeros. The table is that of all places.
  template <class T>
  QC_DEVICE void load(const T* row, bool exists, const float* weights, const float* table, int place) {
    float squares = 0;
#pragma unroll
    for (int part = 0; part < PARTS; part++) {
      if (exists && channel(part) < DIM) {
        packs::load_floats<width>(x + part * width, row + channel(part));
      } else {
#pragma unroll
        for (int i = 0; i < width; i++) x[part * width + i] = 0;
      }
#pragma unroll
      for (int i = 0; i < width; i++) squares += x[part * width + i] * x[part * width + i];
    }
    if constexpr (Shape::norm) {
      float factor = 1.0f / root(sum(squares) * (1.0f / DIM) + Shape::epsilon);
#pragma unroll
      for (int part = 0; part < PARTS; part++) {
        if (channel(part) < DIM) {
          float weight[width];
          packs::load_floats<width>(weight, weights + channel(part));
#pragma unroll
          for (int i = 0; i < width; i++) x[part * width + i] *= factor * weight[i];
        }
      }
    }
    if constexpr (Shape::rope) {
      const float* angles = table + (long long)place * DIM;
#pragma unroll
      for (int part = 0; part < PARTS; part++) {
        if (exists && channel(part) < DIM) {
          float angle[width];
          packs::load_floats<width>(angle, angles + channel(part));
#pragma unroll
          for (int i = 0; i < width; i += 2) {
            float even = x[part * width + i];
            float odd = x[part * width + i + 1];
            x[part * width + i] = even * angle[i] - odd * angle[i + 1];
            x[part * width + i + 1] = odd * angle[i] + even * angle[i + 1];
          }
        }
      }
    }
  }

  template <class T>
  QC_DEVICE void store(T* row) const {
#pragma unroll
    for (int part = 0; part < PARTS; part++) {
      if (channel(part) < DIM) packs::store_floats<width>(row + channel(part), x + part * width);
    }
  }

  // The largest magnitude of the row.
  QC_DEVICE float most() const {
    float out = 0;
#pragma unroll
    for (int i = 0; i < COUNT; i++) out = larger(out, magnitude(x[i]));
    out = larger(out, shuffle_xor(out, 1));
    return larger(out, shuffle_xor(out, 2));
  }

  // Whole numbers of numbers up to `most`, with the zeros behind them.
  QC_DEVICE void store_bytes(s8* row, float most) const {
    float factor = most == 0 ? 0.0f : div_rn(LARGEST_BYTE, most);
#pragma unroll
    for (int part = 0; part < PARTS; part++) {
      if (channel(part) < padded) {
        packs::Pack<s8, width> bytes;
#pragma unroll
        for (int i = 0; i < width; i++) bytes.at[i] = (s8)nearest(mul_rn(x[part * width + i], factor));
        packs::store(row + channel(part), bytes);
      }
    }
  }

 private:
  static QC_DEVICE float sum(float value) {
    value += shuffle_xor(value, 1);
    return value + shuffle_xor(value, 2);
  }
};

}  // namespace attention
