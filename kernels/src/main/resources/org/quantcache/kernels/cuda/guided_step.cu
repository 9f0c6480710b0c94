// out = z + (u + guidance (c - u)) dt: guidance and Euler update in one pass.

#include "device.cuh"

namespace guided {

// A work item is a chunk of a video's elements.
constexpr int CHUNK = 4096;

template <class P, class Z, class G, class D, class Out>
QC_DEVICE void run(
    const P* prediction,
    const Z* z,
    const G* guidance,
    const D* step_size,
    Out* out,
    int videos,
    int elements,
    int per_sample,
    int items) {
  int item = blockIdx.x;
  if (item >= items) {
    return;
  }
  int chunks = elements / CHUNK + (elements % CHUNK != 0);
  int video = item / chunks;
  int start = item % chunks * CHUNK;
  int count = elements - start < CHUNK ? elements - start : CHUNK;
  const P* conditional = prediction + (long long)video * per_sample + start;
  const P* unconditional = conditional + (long long)videos * per_sample;
  long long first = (long long)video * elements + start;
  float scale = to_float(guidance[0]);
  float size = to_float(step_size[video]);
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    float c = to_float(conditional[i]);
    float u = to_float(unconditional[i]);
    out[first + i] = rounded<Out>(to_float(z[first + i]) + (u + (c - u) * scale) * size);
  }
}

}  // namespace guided

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  guided::run(prediction, z, guidance, step_size, out, videos, elements, per_sample, items);
}
