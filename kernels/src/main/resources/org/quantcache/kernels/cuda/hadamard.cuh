// The Walsh-Hadamard transform of blocks of rows in registers. Strides go down from half a block and every sum rounds
// once, so that the result is that of the definition to the last bit.
#pragma once

#include "device.cuh"

namespace hadamard {

// Index i of the thread's values takes part with i ^ stride.
template <int stride, int count>
QC_DEVICE void within(float (&x)[count]) {
#pragma unroll
  for (int i = 0; i < count; i++) {
    if ((i & stride) == 0) {
      float sum = add_rn(x[i], x[i + stride]);
      x[i + stride] = sub_rn(x[i], x[i + stride]);
      x[i] = sum;
    }
  }
}

// The same index of the lane ^ mask takes part. Times 1 or -1 is exact.
template <int mask, int count>
QC_DEVICE void across_lanes(float (&x)[count]) {
  float sign = (threadIdx.x & mask) != 0 ? -1.0f : 1.0f;
#pragma unroll
  for (int i = 0; i < count; i++) {
    float partner = shuffle_xor(x[i], mask);
    x[i] = fma_rn(x[i], sign, partner);
  }
}

// The same for threads of different warps, through shared memory of `count` floats for each thread of the block.
template <int mask, int block_threads, int count>
QC_DEVICE void across_warps(float (&x)[count], float* shared) {
  float sign = (threadIdx.x & mask) != 0 ? -1.0f : 1.0f;
  sync_block();
#pragma unroll
  for (int i = 0; i < count; i++) {
    shared[i * block_threads + threadIdx.x] = x[i];
  }
  sync_block();
#pragma unroll
  for (int i = 0; i < count; i++) {
    x[i] = fma_rn(x[i], sign, shared[i * block_threads + (threadIdx.x ^ mask)]);
  }
}

template <class Layout, int stride>
QC_DEVICE void stages(float (&x)[Layout::count], float* shared) {
  if constexpr (stride > 0) {
    constexpr int width = Layout::width;
    constexpr int per_thread = Layout::unit / 8;
    if constexpr (stride >= per_thread * 32) {
      across_warps<stride / per_thread, Layout::block_threads>(x, shared);
    } else if constexpr (stride >= Layout::unit) {
      across_lanes<stride / per_thread>(x);
    } else if constexpr (stride >= 8 * width) {
      within<stride / 8>(x);
    } else if constexpr (stride >= width) {
      across_lanes<stride / width>(x);
    } else {
      within<stride>(x);
    }
    stages<Layout, stride / 2>(x, shared);
  }
}

// Rows of any length, in shared memory of `channels` floats for each row.
template <class Layout, int block>
QC_DEVICE void in_memory(const Layout& at, float (&x)[Layout::count], float* shared) {
  bool used = at.row < Layout::rows;
  float* row = shared + at.row * Layout::channels;
  sync_block();
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    if (used && at.holds(i)) {
      row[at.channel(i)] = x[i];
    }
  }
  sync_block();
  for (int stride = block / 2; stride > 0; stride /= 2) {
    for (int pair = at.thread; used && pair < Layout::channels / 2; pair += Layout::threads) {
      int first = pair / stride * 2 * stride + pair % stride;
      float a = row[first];
      float b = row[first + stride];
      row[first] = add_rn(a, b);
      row[first + stride] = sub_rn(a, b);
    }
    sync_block();
  }
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    x[i] = used && at.holds(i) ? row[at.channel(i)] : 0;
  }
}

// Transforms rows; all threads of the block take part. factor: 1 / sqrt(block).
template <class Layout, int block>
QC_DEVICE void transform(const Layout& at, float (&x)[Layout::count], float factor, void* shared) {
  if constexpr (Layout::width > 1) {
    stages<Layout, block / 2>(x, static_cast<float*>(shared));
  } else {
    in_memory<Layout, block>(at, x, static_cast<float*>(shared));
  }
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    x[i] = mul_rn(x[i], factor);
  }
}

}  // namespace hadamard
