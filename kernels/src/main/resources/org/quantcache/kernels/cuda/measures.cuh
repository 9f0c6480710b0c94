// Sums over rows, a warp for each row.
#pragma once

#include "packs.cuh"

namespace measures {

// The row of this warp.
QC_DEVICE int row_of_warp() { return blockIdx.x * (blockDim.x / 32) + warp_index(); }

// Calls take(first channel) for each vector of this lane.
template <int channels, int width, class Take>
QC_DEVICE void over_channels(Take take) {
  for (int channel = lane_index() * width; channel < channels; channel += 32 * width) {
    take(channel);
  }
}

// Sums over the lanes; the first lane writes them side by side.
template <int count>
QC_DEVICE void store_sums(float (&sums)[count], float* to) {
#pragma unroll
  for (int i = 0; i < count; i++) {
#pragma unroll
    for (int mask = 16; mask > 0; mask /= 2) {
      sums[i] += shuffle_xor(sums[i], mask);
    }
    if (lane_index() == 0) {
      to[i] = sums[i];
    }
  }
}

// p = value - base, or the value itself.
template <int width, bool based, class V, class B>
QC_DEVICE void difference(float (&p)[width], const V* value, const B* base) {
  packs::load_floats<width>(p, value);
  if constexpr (based) {
    float from[width];
    packs::load_floats<width>(from, base);
#pragma unroll
    for (int i = 0; i < width; i++) {
      p[i] -= from[i];
    }
  }
}

}  // namespace measures
