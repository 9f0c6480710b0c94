// Rows of a tensor in the registers of a block's threads: each row is read once, whatever is asked of it.
#pragma once

#include "packs.cuh"

namespace rows {

// Where the channels of rows lie. A row has `threads` threads, a block `rows` rows; what is left of its last warp idles.
// width > 1: units of 128 channels, a unit in eight neighbouring threads; each holds 16 channels as vectors of `width`
// that lie 8 vectors apart, so that eight threads read without gaps and the halves of a unit meet in one thread.
// width 1: any number of channels, neighbours in neighbouring threads.
template <int channels_, int width_, int threads_, int rows_>
struct Layout {
  static constexpr int channels = channels_;
  static constexpr int width = width_;
  static constexpr int threads = threads_;
  static constexpr int rows = rows_;
  static constexpr int block_threads = (threads * rows + 31) / 32 * 32;
  static constexpr int unit = 128;
  static constexpr int vectors = width > 1 ? 16 / width : (channels + threads - 1) / threads;
  static constexpr int count = vectors * width;
  // Neighbouring lanes of one row that reduce by shuffles, and how many such groups a row has.
  static constexpr int group = threads % 32 == 0 ? 32 : threads % 16 == 0 ? 16 : 8;
  static constexpr int groups = threads / group;
  static_assert(width == 1 || threads * 16 == channels, "16 channels of a row for each thread");
  static_assert(threads % group == 0, "whole groups");

  // Of the block; beyond the last for idle threads.
  int row;
  // Of the row.
  int thread;

  QC_DEVICE Layout() : row(threadIdx.x / threads), thread(threadIdx.x % threads) {}

  // First channel of a vector.
  QC_DEVICE int channel(int vector) const {
    if constexpr (width > 1) {
      return thread / 8 * unit + (vector * 8 + thread % 8) * width;
    } else {
      return vector * threads + thread;
    }
  }

  // Whether there is such a vector.
  QC_DEVICE bool holds(int vector) const {
    return width > 1 || (vector + 1) * threads <= channels || channel(vector) < channels;
  }

  // A sum over the row, the same in all of its threads. Sums between which no barrier is certain use different cells.
  template <int cells>
  QC_DEVICE float sum(float x) const {
#pragma unroll
    for (int mask = group / 2; mask > 0; mask /= 2) {
      x += shuffle_xor(x, mask);
    }
    if constexpr (groups > 1) {
      QC_SHARED packs::Pack<float, 4> parts[(rows + 1) * quads];
      exchange(parts, x);
      sync_block();
      x = 0;
      over_groups(parts, [&](float part) { x += part; });
    }
    return x;
  }

  // The smallest and the largest of the row from those of its threads.
  QC_DEVICE void extremes(float& least, float& largest) const {
#pragma unroll
    for (int mask = group / 2; mask > 0; mask /= 2) {
      least = smaller(least, shuffle_xor(least, mask));
      largest = larger(largest, shuffle_xor(largest, mask));
    }
    if constexpr (groups > 1) {
      QC_SHARED packs::Pack<float, 4> lows[(rows + 1) * quads];
      QC_SHARED packs::Pack<float, 4> highs[(rows + 1) * quads];
      exchange(lows, least);
      exchange(highs, largest);
      sync_block();
      over_groups(lows, [&](float part) { least = smaller(least, part); });
      over_groups(highs, [&](float part) { largest = larger(largest, part); });
    }
  }

 private:
  // Parts of a row are read four at a time.
  static constexpr int quads = (groups + 3) / 4;

  QC_DEVICE void exchange(packs::Pack<float, 4>* parts, float x) const {
    if (thread % group == 0) {
      int index = thread / group;
      parts[row * quads + index / 4].at[index % 4] = x;
    }
  }

  template <class Take>
  QC_DEVICE void over_groups(const packs::Pack<float, 4>* parts, Take take) const {
#pragma unroll
    for (int quad = 0; quad < quads; quad++) {
      packs::Pack<float, 4> four = parts[row * quads + quad];
#pragma unroll
      for (int i = 0; i < 4 && quad * 4 + i < groups; i++) {
        take(four.at[i]);
      }
    }
  }
};

// The row that begins at `row`; zeros where there is none.
template <class Layout, class T>
QC_DEVICE void load(const Layout& at, float (&x)[Layout::count], const T* row, bool present) {
#pragma unroll
  for (int v = 0; v < Layout::vectors; v++) {
    if (present && at.holds(v)) {
      packs::load_floats<Layout::width>(x + v * Layout::width, row + at.channel(v));
    } else {
#pragma unroll
      for (int i = 0; i < Layout::width; i++) {
        x[v * Layout::width + i] = 0;
      }
    }
  }
}

template <class Layout, class T>
QC_DEVICE void store(const Layout& at, const float (&x)[Layout::count], T* row) {
#pragma unroll
  for (int v = 0; v < Layout::vectors; v++) {
    if (at.holds(v)) {
      packs::store_floats<Layout::width>(row + at.channel(v), x + v * Layout::width);
    }
  }
}

// x = (x - mean) / sqrt(variance + epsilon)
template <class Layout>
QC_DEVICE void normalize(const Layout& at, float (&x)[Layout::count], float epsilon) {
  constexpr float share = 1.0f / Layout::channels;
  float total = 0;
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    total += x[i];
  }
  float mean = at.template sum<0>(total) * share;
  float squares = 0;
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    x[i] = at.holds(i / Layout::width) ? x[i] - mean : 0;
    squares += x[i] * x[i];
  }
  float factor = div_rn(1, root(at.template sum<1>(squares) * share + epsilon));
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    x[i] *= factor;
  }
}

// x = x * (1 + scale) + shift, both given by their rows.
template <class Layout, class Shift, class Scale>
QC_DEVICE void modulate(const Layout& at, float (&x)[Layout::count], const Shift* shift, const Scale* scale) {
  constexpr int width = Layout::width;
#pragma unroll
  for (int v = 0; v < Layout::vectors; v++) {
    if (at.holds(v)) {
      float added[width];
      float factors[width];
      packs::load_floats<width>(added, shift + at.channel(v));
      packs::load_floats<width>(factors, scale + at.channel(v));
#pragma unroll
      for (int i = 0; i < width; i++) {
        x[v * width + i] = x[v * width + i] * (factors[i] + 1) + added[i];
      }
    }
  }
}

// Which row of a table belongs to a row.
struct Groups {
  int rows_per_sample;
  int rows_per_frame;
  int samples;
  int frames;

  // All threads of a warp mostly agree, and a division costs as much as the rest of what a channel needs.
  QC_DEVICE long long of(int row) const {
    u32 sample = samples == 1 ? 0 : (u32)row / (u32)rows_per_sample;
    u32 frame = frames == 1 ? 0 : (u32)row / (u32)rows_per_frame % (u32)frames;
    return (long long)(sample < (u32)samples ? sample : sample % (u32)samples) * frames + frame;
  }
};

}  // namespace rows
