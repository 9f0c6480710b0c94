// What a guard does with its history; the base repeats after its own rows.

#include "packs.cuh"

namespace history {

// Calls take(element, element of the base) for each vector of the block's rows.
template <int channels, int width, int rows, class Take>
QC_DEVICE void over_rows(int base_rows, int items, Take take) {
  int first = blockIdx.x * rows;
  int present = items - first < rows ? items - first : rows;
  for (int i = threadIdx.x; i < present * (channels / width); i += blockDim.x) {
    int row = first + i / (channels / width);
    int channel = i % (channels / width) * width;
    take((long long)row * channels + channel, (long long)(row % base_rows) * channels + channel);
  }
}

// The history moves back by one, value - base comes in front.
template <int channels, int width, int rows, int length, class V, class B, class H>
QC_DEVICE void remember(const V* value, const B* base, H* const (&held)[length], int base_rows, int items) {
  over_rows<channels, width, rows>(base_rows, items, [&](long long at, long long base_at) {
#pragma unroll
    for (int i = length - 1; i > 0; i--) {
      packs::store(held[i] + at, packs::load<width>(held[i - 1] + at));
    }
    float x[width];
    float from[width];
    packs::load_floats<width>(x, value + at);
    packs::load_floats<width>(from, base + base_at);
#pragma unroll
    for (int i = 0; i < width; i++) {
      x[i] -= from[i];
    }
    packs::store_floats<width>(held[0] + at, x);
  });
}

// value = base + sum of weight * history
template <int channels, int width, int rows, int length, class V, class B, class H>
QC_DEVICE void foretell(
    V* value, const B* base, H* const (&held)[length], int base_rows, const float (&weights)[length], int items) {
  over_rows<channels, width, rows>(base_rows, items, [&](long long at, long long base_at) {
    float sum[width];
    packs::load_floats<width>(sum, base + base_at);
#pragma unroll
    for (int h = 0; h < length; h++) {
      float x[width];
      packs::load_floats<width>(x, held[h] + at);
#pragma unroll
      for (int i = 0; i < width; i++) {
        sum[i] += weights[h] * x[i];
      }
    }
    packs::store_floats<width>(value + at, sum);
  });
}

}  // namespace history

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  ${history_type}* const held[] = {${history}};
  ${weights}
  history::${action}<${channels}, ${width}, ${rows}>(value, base, held, base_rows, ${weight_argument}items);
}
