// Sums over each row of p = value - base against what is held, which it replaces; value and base repeat after their rows.

#include "measures.cuh"

namespace compare {

template <int channels, int width, bool based, class V, class B, class H>
QC_DEVICE void run(const V* value, const B* base, H* held, float* sums, int value_rows, int base_rows, int items) {
  int row = measures::row_of_warp();
  if (row >= items) {
    return;
  }
  const V* value_row = value + (long long)(row % value_rows) * channels;
  const B* base_row = base + (based ? (long long)(row % base_rows) * channels : 0);
  H* held_row = held + (long long)row * channels;
  float found[5] = {0, 0, 0, 0, 0};
  measures::over_channels<channels, width>([&](int channel) {
    float p[width];
    float before[width];
    measures::difference<width, based>(p, value_row + channel, base_row + (based ? channel : 0));
    packs::load_floats<width>(before, held_row + channel);
    packs::store_floats<width>(held_row + channel, p);
#pragma unroll
    for (int i = 0; i < width; i++) {
      found[0] += p[i] * before[i];
      found[1] += p[i] * p[i];
      found[2] += before[i] * before[i];
      found[3] += magnitude(p[i] - before[i]);
      found[4] += magnitude(before[i]);
    }
  });
  measures::store_sums(found, sums + 5LL * row);
}

}  // namespace compare

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  compare::run<${channels}, ${width}, ${based}>(value, ${base}, held, sums, value_rows, base_rows, items);
}
