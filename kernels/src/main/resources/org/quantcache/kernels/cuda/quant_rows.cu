// Rounds rows to unsigned values of a byte, or of half a byte, each between its own smallest and largest number or all of
// them on one grid.

#include "activations.cuh"
#include "grids.cuh"
#include "hadamard.cuh"
#include "rows.cuh"

namespace quant_rows {

enum class Prologue { NONE, NORM_MODULATE, GELU };

// What is the same for all rows; absent tables are null.
template <class X, class Shift, class Scale>
struct Source {
  const X* x;
  const Shift* shift;
  const Scale* scale;
  const float* inverse;
  rows::Groups groups;
  float epsilon;
  float factor;
};

// Numbers of a row as they are rounded, in the threads that hold it.
template <class Layout, Prologue prologue, bool inverse, int block, class Source>
QC_DEVICE void prepare(
    const Layout& at, float (&value)[Layout::count], const Source& from, int row, bool present, void* shared) {
  rows::load(at, value, from.x + (long long)row * Layout::channels, present);
  if constexpr (prologue == Prologue::NORM_MODULATE) {
    rows::normalize(at, value, from.epsilon);
    if (present) {
      long long table = from.groups.of(row) * Layout::channels;
      rows::modulate(at, value, from.shift + table, from.scale + table);
    }
  } else if constexpr (prologue == Prologue::GELU) {
#pragma unroll
    for (int i = 0; i < Layout::count; i++) {
      value[i] = activations::gelu(value[i]);
    }
  }
  if constexpr (inverse) {
#pragma unroll
    for (int v = 0; v < Layout::vectors; v++) {
      if (at.holds(v)) {
        float factors[Layout::width];
        packs::load_floats<Layout::width>(factors, from.inverse + at.channel(v));
#pragma unroll
        for (int i = 0; i < Layout::width; i++) {
          value[v * Layout::width + i] = mul_rn(value[v * Layout::width + i], factors[i]);
        }
      }
    }
  }
  if constexpr (block > 1) {
    hadamard::transform<Layout, block>(at, value, from.factor, shared);
  }
}

// The smallest and the largest number of a row, the same in all of its threads.
template <class Layout>
QC_DEVICE void find_extremes(
    const Layout& at, const float (&value)[Layout::count], float& least, float& largest) {
  least = grids::MOST_FLOAT;
  largest = -grids::MOST_FLOAT;
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    if (at.holds(i / Layout::width)) {
      least = smaller(least, value[i]);
      largest = larger(largest, value[i]);
    }
  }
  at.extremes(least, largest);
}

// Values of cells of 4 bits share a byte with the next: its lower half is the first.
template <int cell_bits, class Layout>
QC_DEVICE void round(
    const Layout& at, const float (&value)[Layout::count], const grids::Grid& grid, u8* row) {
  constexpr int in_byte = 8 / cell_bits;
#pragma unroll
  for (int v = 0; v < Layout::vectors; v++) {
    if constexpr (Layout::width < in_byte) {
      // The next channel is the next lane's.
      u32 even = at.holds(v) ? grid.value(value[v]) : 0;
      u32 odd = shuffle_xor(even, 1);
      if (at.holds(v) && at.channel(v) % 2 == 0) {
        row[at.channel(v) / 2] = (u8)(even | odd << 4);
      }
    } else if (at.holds(v)) {
      packs::Pack<u8, Layout::width / in_byte> bytes;
#pragma unroll
      for (int i = 0; i < Layout::width / in_byte; i++) {
        const float* first = value + v * Layout::width + i * in_byte;
        bytes.at[i] = in_byte == 1 ? grid.value(first[0])
                                   : (u8)(grid.value(first[0]) | grid.value(first[in_byte - 1]) << 4);
      }
      packs::store(row + at.channel(v) / in_byte, bytes);
    }
  }
}

// What becomes of the numbers of a row; all threads of the block call.

// Values on a grid of the row's own.
template <int cell_bits>
struct OwnGrids {
  u8* values;
  float* pairs;
  float most;

  template <class Layout>
  QC_DEVICE void take(const Layout& at, const float (&value)[Layout::count], int row, bool present) const {
    float least;
    float largest;
    find_extremes(at, value, least, largest);
    if (present) {
      grids::Grid grid = grids::Grid::spanning(least, largest, most);
      if (at.thread == 0) {
        grid.store(pairs + 2LL * row);
      }
      round<cell_bits>(at, value, grid, values + (long long)row * (Layout::channels * cell_bits / 8));
    }
  }
};

// The extremes alone.
struct Extremes {
  float* pairs;

  template <class Layout>
  QC_DEVICE void take(const Layout& at, const float (&value)[Layout::count], int row, bool present) const {
    float least;
    float largest;
    find_extremes(at, value, least, largest);
    if (present && at.thread == 0) {
      grids::store_pair(pairs + 2LL * row, least, largest);
    }
  }
};

// Values on a grid that all rows share.
template <int cell_bits>
struct SharedGrid {
  u8* values;
  const float* grid;
  float most;

  template <class Layout>
  QC_DEVICE void take(const Layout& at, const float (&value)[Layout::count], int row, bool present) const {
    if (present) {
      u8* to = values + (long long)row * (Layout::channels * cell_bits / 8);
      round<cell_bits>(at, value, grids::Grid::of(grid[0], grid[1], most), to);
    }
  }
};

template <class Layout, Prologue prologue, bool inverse, int block, class Source, class Part>
QC_DEVICE void run(const Source& from, const Part& part, int rows, void* shared) {
  Layout at;
  int row = blockIdx.x * Layout::rows + at.row;
  bool present = at.row < Layout::rows && row < rows;
  float value[Layout::count];
  prepare<Layout, prologue, inverse, block>(at, value, from, row, present, shared);
  part.take(at, value, row, present);
}

}  // namespace quant_rows

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  using namespace quant_rows;
  QC_DYNAMIC_SHARED(shared);
  Source<${x_type}, ${shift_type}, ${scale_type}> from{
      x, ${shift}, ${scale}, ${inverse}, rows::Groups{${groups}}, ${epsilon}, ${factor}};
  run<rows::Layout<${layout}>, Prologue::${prologue}, ${balanced}, ${block}>(from, ${part}, items, shared);
}
