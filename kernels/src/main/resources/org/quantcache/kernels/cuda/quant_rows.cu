// Rounds rows to unsigned values of a byte, or of half a byte, between their smallest and their largest number.

#include "activations.cuh"
#include "hadamard.cuh"
#include "rows.cuh"

namespace quant_rows {

enum class Prologue { NONE, NORM_MODULATE, GELU };

// Largest value of at most `bits` bits; fewer than two are never asked for.
QC_DEVICE float largest_value(int asked, int bits) {
  int least_bits = asked > 2 ? asked : 2;
  return (float)((1 << (least_bits < bits ? least_bits : bits)) - 1);
}

// A grid of `most` steps of equal size; steps are normal numbers, so that their inverses are finite.
struct Grid {
  float step;
  float least;
  float most;
  float inverse;

  QC_DEVICE Grid(float least, float largest, float most) : least(least), most(most) {
    float half = sub_rn(mul_rn(largest, 0.5f), mul_rn(least, 0.5f));
    step = larger(div_rn(half, mul_rn(most, 0.5f)), 1.17549435e-38f);
    inverse = div_rn(1, step);
  }

  QC_DEVICE u8 value(float x) const { return (u8)nearest(smaller(mul_rn(sub_rn(x, least), inverse), most)); }

  QC_DEVICE void store(float* range) const { packs::store(range, packs::Pack<float, 2>{{step, least}}); }
};

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

template <class Layout>
QC_DEVICE void note(const Layout& at, const float (&value)[Layout::count], float& least, float& largest) {
#pragma unroll
  for (int i = 0; i < Layout::count; i++) {
    if (at.holds(i / Layout::width)) {
      least = smaller(least, value[i]);
      largest = larger(largest, value[i]);
    }
  }
}

// Values of cells of 4 bits share a byte with the next: its lower half is the first.
template <int cell_bits, class Layout>
QC_DEVICE void round(const Layout& at, const float (&value)[Layout::count], const Grid& grid, u8* row) {
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

constexpr float MOST_FLOAT = 3.40282347e38f;

// Each row has a range of its own.
template <class Layout, Prologue prologue, bool inverse, int block, int cell_bits, class Source>
QC_DEVICE void run(const Source& from, u8* values, float* range, float most, int rows, void* shared) {
  Layout at;
  int row = blockIdx.x * Layout::rows + at.row;
  bool present = at.row < Layout::rows && row < rows;
  float value[Layout::count];
  prepare<Layout, prologue, inverse, block>(at, value, from, row, present, shared);
  float least = MOST_FLOAT;
  float largest = -MOST_FLOAT;
  note(at, value, least, largest);
  at.extremes(least, largest);
  if (present) {
    Grid grid(least, largest, most);
    if (at.thread == 0) {
      grid.store(range + 2LL * row);
    }
    round<cell_bits>(at, value, grid, values + (long long)row * (Layout::channels * cell_bits / 8));
  }
}

// All rows share one range. One block goes over them twice, since blocks cannot wait for each other.
template <class Layout, Prologue prologue, bool inverse, int block, int cell_bits, class Source>
QC_DEVICE void run_whole(const Source& from, u8* values, float* range, float most, int rows, void* shared) {
  Layout at;
  bool used = at.row < Layout::rows;
  float value[Layout::count];
  float least = MOST_FLOAT;
  float largest = -MOST_FLOAT;
  for (int first = 0; first < rows; first += Layout::rows) {
    bool present = used && first + at.row < rows;
    prepare<Layout, prologue, inverse, block>(at, value, from, first + at.row, present, shared);
    if (present) {
      note(at, value, least, largest);
    }
    // The cells of the sums are free again.
    sync_block();
  }
  rows::Layout<Layout::block_threads, 1, Layout::block_threads, 1> all;
  all.extremes(least, largest);
  Grid grid(least, largest, most);
  if (threadIdx.x == 0) {
    grid.store(range);
  }
  for (int first = 0; first < rows; first += Layout::rows) {
    int row = first + at.row;
    bool present = used && row < rows;
    prepare<Layout, prologue, inverse, block>(at, value, from, row, present, shared);
    if (present) {
      round<cell_bits>(at, value, grid, values + (long long)row * (Layout::channels * cell_bits / 8));
    }
    sync_block();
  }
}

}  // namespace quant_rows

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  using namespace quant_rows;
  QC_DYNAMIC_SHARED(shared);
  Source<${x_type}, ${shift_type}, ${scale_type}> from{
      x, ${shift}, ${scale}, ${inverse}, rows::Groups{${groups}}, ${epsilon}, ${factor}};
  ${run}<rows::Layout<${layout}>, Prologue::${prologue}, ${balanced}, ${block}, ${cell_bits}>(
      from, values, range, ${most}, rows, shared);
}
