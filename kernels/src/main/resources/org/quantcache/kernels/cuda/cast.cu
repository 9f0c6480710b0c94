// Floats of one kind to those of another.

#include "packs.cuh"

namespace cast {

template <int width, class From, class To>
QC_DEVICE void run(const From* from, To* to, int items) {
  long long first = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * width;
  if (first + width <= items) {
    float x[width];
    packs::load_floats<width>(x, from + first);
    packs::store_floats<width>(to + first, x);
  } else {
    for (long long i = first; i < items; i++) {
      to[i] = rounded<To>(to_float(from[i]));
    }
  }
}

}  // namespace cast

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  cast::run<${width}>(x, out, items);
}
