// Adds rows up. One block does it: which of its threads takes a row depends on nothing.

#include "measures.cuh"

namespace total {

template <int width, int threads>
QC_DEVICE void run(const float* rows, float* total, int count) {
  constexpr int warps = threads / 32;
  QC_SHARED float of_warps[warps][width];
  float found[width] = {};
#pragma unroll 4
  for (int row = threadIdx.x; row < count; row += threads) {
#pragma unroll
    for (int i = 0; i < width; i++) {
      found[i] += rows[(long long)row * width + i];
    }
  }
  measures::store_sums(found, of_warps[warp_index()]);
  sync_block();
  int i = threadIdx.x;
  if (i < width) {
    float sum = 0;
    for (int warp = 0; warp < warps; warp++) {
      sum += of_warps[warp][i];
    }
    total[i] = sum;
  }
}

}  // namespace total

//@instance
QC_KERNEL(${threads}) ${name}(const float* rows, float* total, int count, int items) {
  total::run<${width}, ${threads}>(rows, total, count);
}
