// Sums over each row of p = value - base, or of the value itself, against the p of before, which it replaces.

#include "measures.cuh"

namespace probe {

template <int frames, int places, int channels, int width, bool based, class V, class B, class P>
QC_DEVICE void run(const V* value, const B* base, P* previous, float* sums, int items) {
  int row = measures::row_of_warp();
  if (row >= items) {
    return;
  }
  long long first = (long long)row * channels;
  // A row of the first frame has none before it.
  bool moved = row / places % frames > 0;
  long long earlier = first - (moved ? (long long)places * channels : 0);
  float found[4] = {0, 0, 0, 0};
  measures::over_channels<channels, width>([&](int channel) {
    float p[width];
    float before[width];
    measures::difference<width, based>(p, value + first + channel, base + (based ? first + channel : 0));
    packs::load_floats<width>(before, previous + first + channel);
    packs::store_floats<width>(previous + first + channel, p);
#pragma unroll
    for (int i = 0; i < width; i++) {
      found[0] += magnitude(p[i] - before[i]);
      found[1] += magnitude(before[i]);
    }
    if (moved) {
      float behind[width];
      measures::difference<width, based>(behind, value + earlier + channel, base + (based ? earlier + channel : 0));
#pragma unroll
      for (int i = 0; i < width; i++) {
        found[2] += magnitude(p[i] - behind[i]);
        found[3] += magnitude(p[i]) + magnitude(behind[i]);
      }
    }
  });
  measures::store_sums(found, sums + 4LL * row);
}

}  // namespace probe

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  probe::run<${frames}, ${places}, ${channels}, ${width}, ${based}>(value, ${base}, previous, sums, items);
}
