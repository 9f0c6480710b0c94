// Neighbouring elements that are read or written at once.
#pragma once

#include "device.cuh"

namespace packs {

// 16 bytes are the most that one instruction moves.
template <class T, int count>
struct alignas(sizeof(T) * count < 16 ? sizeof(T) * count : 16) Pack {
  T at[count];
};

template <int count, class T>
QC_DEVICE Pack<T, count> load(const T* from) {
  return *reinterpret_cast<const Pack<T, count>*>(from);
}

template <class T, int count>
QC_DEVICE void store(T* to, const Pack<T, count>& pack) {
  *reinterpret_cast<Pack<T, count>*>(to) = pack;
}

template <int count, class T>
QC_DEVICE void load_floats(float* out, const T* from) {
  Pack<T, count> pack = load<count>(from);
#pragma unroll
  for (int i = 0; i < count; i++) {
    out[i] = to_float(pack.at[i]);
  }
}

template <int count, class T>
QC_DEVICE void store_floats(T* to, const float* x) {
  Pack<T, count> pack;
#pragma unroll
  for (int i = 0; i < count; i++) {
    pack.at[i] = rounded<T>(x[i]);
  }
  store(to, pack);
}

}  // namespace packs
