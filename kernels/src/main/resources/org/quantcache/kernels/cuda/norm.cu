// Layer norm of rows, modulated or not.

#include "rows.cuh"

namespace norms {

template <class Layout, bool modulated, class X, class Y, class Shift, class Scale>
QC_DEVICE void run(
    const X* x, Y* y, const Shift* shift, const Scale* scale, rows::Groups groups, int items, float epsilon) {
  Layout at;
  int row = blockIdx.x * Layout::rows + at.row;
  bool present = at.row < Layout::rows && row < items;
  long long first = (long long)row * Layout::channels;
  float value[Layout::count];
  rows::load(at, value, x + first, present);
  rows::normalize(at, value, epsilon);
  if (!present) {
    return;
  }
  if constexpr (modulated) {
    long long table = groups.of(row) * Layout::channels;
    rows::modulate(at, value, shift + table, scale + table);
  }
  rows::store(at, value, y + first);
}

}  // namespace norms

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  norms::run<rows::Layout<${layout}>, ${modulated}>(x, y, ${shift}, ${scale}, rows::Groups{${groups}}, items, ${epsilon});
}
