// Element by element with broadcasting: an operand is read at the index of the result modulo its size on every axis.

#include "activations.cuh"
#include "packs.cuh"

namespace elementwise {

template <long long... sizes>
struct Sizes {
  static constexpr int rank = sizeof...(sizes);
  static constexpr long long count = (1LL * ... * sizes);
};

template <class T>
struct Last;
template <long long first, long long... rest>
struct Last<Sizes<first, rest...>> {
  static constexpr long long size = Last<Sizes<rest...>>::size;
};
template <long long only>
struct Last<Sizes<only>> {
  static constexpr long long size = only;
};

// Where an operand has the element that belongs to an element of the result.
template <class Index, long long size, long long own>
QC_DEVICE Index offset(Index index, Sizes<size>, Sizes<own>) {
  return own == size ? index : index % (Index)own;
}
template <class Index, long long size, long long... sizes, long long own, long long... owns>
QC_DEVICE Index offset(Index index, Sizes<size, sizes...>, Sizes<own, owns...>) {
  constexpr Index inner = Sizes<sizes...>::count;
  Index outer = index / inner;
  Index place = own == size ? outer : outer % (Index)own;
  return place * (Index)Sizes<owns...>::count + offset<Index>(index % inner, Sizes<sizes...>{}, Sizes<owns...>{});
}

QC_DEVICE float number(float x) { return x; }
QC_DEVICE float number(bf16 x) { return to_float(x); }
// Truth values are bytes; a caller may give any but 0 for true.
QC_DEVICE float number(u8 x) { return x != 0 ? 1 : 0; }

template <class T>
QC_DEVICE T element(float x) {
  return rounded<T>(x);
}
template <>
QC_DEVICE u8 element<u8>(float x) {
  return x != 0;
}

// Functions of the operands' values.
struct Add {
  static QC_DEVICE float of(const float* x) { return x[0] + x[1]; }
};
struct Sub {
  static QC_DEVICE float of(const float* x) { return x[0] - x[1]; }
};
struct Mul {
  static QC_DEVICE float of(const float* x) { return x[0] * x[1]; }
};
struct Select {
  static QC_DEVICE float of(const float* x) { return x[0] != 0 ? x[1] : x[2]; }
};
struct GreaterOrEqual {
  static QC_DEVICE float of(const float* x) { return x[0] >= x[1] ? 1 : 0; }
};
struct Equal {
  static QC_DEVICE float of(const float* x) { return x[0] == x[1] ? 1 : 0; }
};
struct AndNot {
  static QC_DEVICE float of(const float* x) { return x[0] > x[1] ? 1 : 0; }
};
struct Modulate {
  static QC_DEVICE float of(const float* x) { return x[0] * (x[2] + 1) + x[1]; }
};
struct Gelu {
  static QC_DEVICE float of(const float* x) { return activations::gelu(x[0]); }
};
struct Silu {
  static QC_DEVICE float of(const float* x) { return activations::silu(x[0]); }
};

template <class Shape_, class T>
struct Operand {
  typedef Shape_ Shape;
  const T* x;
};
template <class Shape, class T>
QC_DEVICE Operand<Shape, T> operand(const T* x) {
  return {x};
}

// The `width` neighbours from `index` on: one number for all where the last axis has size 1.
template <int width, class Index, class Result, class Shape, class T>
QC_DEVICE void read(float* out, const Operand<Shape, T>& operand, Index index) {
  Index from = offset<Index>(index, Result{}, Shape{});
  if constexpr (width > 1 && Last<Shape>::size == 1) {
    float all = number(operand.x[from]);
#pragma unroll
    for (int i = 0; i < width; i++) {
      out[i] = all;
    }
  } else {
    packs::Pack<T, width> pack = packs::load<width>(operand.x + from);
#pragma unroll
    for (int i = 0; i < width; i++) {
      out[i] = number(pack.at[i]);
    }
  }
}

template <int width, class Function, class Result, class Index, class Out, class... Operands>
QC_DEVICE void compute(Out* out, Index index, const Operands&... operands) {
  constexpr int count = sizeof...(Operands);
  float x[count][width];
  int next = 0;
  (read<width, Index, Result>(x[next++], operands, index), ...);
  packs::Pack<Out, width> result;
#pragma unroll
  for (int i = 0; i < width; i++) {
    float of_one[count];
#pragma unroll
    for (int operand = 0; operand < count; operand++) {
      of_one[operand] = x[operand][i];
    }
    result.at[i] = element<Out>(Function::of(of_one));
  }
  packs::store(out + index, result);
}

template <class Index, int width, class Function, class Result, class Out, class... Operands>
QC_DEVICE void run(Out* out, const Operands&... operands) {
  Index first = ((Index)blockIdx.x * blockDim.x + threadIdx.x) * width;
  if (first + width <= (Index)Result::count) {
    compute<width, Function, Result>(out, first, operands...);
  } else {
    for (Index index = first; index < (Index)Result::count; index++) {
      compute<1, Function, Result>(out, index, operands...);
    }
  }
}

}  // namespace elementwise

//@instance
QC_KERNEL(${threads}) ${name}(${parameters}) {
  using namespace elementwise;
  run<${index}, ${width}, ${function}, Sizes<${sizes}>>(out, ${operands});
}
