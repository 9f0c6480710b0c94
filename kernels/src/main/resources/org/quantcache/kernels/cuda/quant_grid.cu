// The grid that spans the extremes of all rows, found by one block.

#include "grids.cuh"
#include "rows.cuh"

namespace quant_grid {

template <int threads>
QC_DEVICE void run(const float* extremes, float* grid, float most, int rows) {
  float least = grids::MOST_FLOAT;
  float largest = -grids::MOST_FLOAT;
  for (int row = threadIdx.x; row < rows; row += threads) {
    packs::Pack<float, 2> pair = packs::load<2>(extremes + 2LL * row);
    least = smaller(least, pair.at[0]);
    largest = larger(largest, pair.at[1]);
  }
  rows::Layout<threads, 1, threads, 1> all;
  all.extremes(least, largest);
  if (threadIdx.x == 0) {
    grids::Grid::spanning(least, largest, most).store(grid);
  }
}

}  // namespace quant_grid

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  quant_grid::run<${threads}>(extremes, grid, ${most}, rows);
}
