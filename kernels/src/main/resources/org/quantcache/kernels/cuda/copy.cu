// Moves elements between places that lie in steps along the axes; zero where an index has no source.

#include "device.cuh"

namespace copy {

struct alignas(16) u128 {
  u64 halves[2];
};

struct Place {
  long long from;
  long long to;
  bool inside;
};

template <long long size_, long long limit_, long long in_, long long out_>
struct Axis {
  static constexpr long long size = size_;
  static constexpr long long limit = limit_;
  static constexpr long long in = in_;
  static constexpr long long out = out_;
};

template <class... Axes>
constexpr long long count = (1LL * ... * Axes::size);

// Adds what the axes, from the outermost on, contribute to the place of an index.
template <class Index>
QC_DEVICE void locate(Place&, Index) {}
template <class Index, class First, class... Rest>
QC_DEVICE void locate(Place& place, Index index, First, Rest... rest) {
  constexpr Index inner = count<Rest...>;
  long long at = index / inner;
  place.from += at * First::in;
  place.to += at * First::out;
  place.inside = place.inside && (First::limit == First::size || at < First::limit);
  locate<Index>(place, index % inner, rest...);
}

template <class Index, long long in_base, long long out_base, class... Axes, class T>
QC_DEVICE void run(const T* in, T* out) {
  Index index = (Index)blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= (Index)count<Axes...>) {
    return;
  }
  Place place{in_base, out_base, true};
  locate<Index>(place, index, Axes{}...);
  out[place.to] = place.inside ? in[place.from] : T{};
}

}  // namespace copy

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  using namespace copy;
  run<${index}, ${in_base}, ${out_base}, ${axes}>(in, out);
}
