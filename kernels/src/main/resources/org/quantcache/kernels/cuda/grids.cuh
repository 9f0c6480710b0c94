// Grids of unsigned values between the smallest and the largest of some numbers.
#pragma once

#include "packs.cuh"

namespace grids {

constexpr float MOST_FLOAT = 3.40282347e38f;

// Largest value of at most `bits` bits; fewer than two are never asked for.
QC_DEVICE float largest_value(int asked, int bits) {
  int least_bits = asked > 2 ? asked : 2;
  return (float)((1 << (least_bits < bits ? least_bits : bits)) - 1);
}

// Two floats side by side, as grids and extremes lie in memory.
QC_DEVICE void store_pair(float* to, float first, float second) {
  packs::store(to, packs::Pack<float, 2>{{first, second}});
}

// Values up to `most`, in steps of equal size that are normal numbers, so that their inverses are finite.
struct Grid {
  float step;
  float least;
  float most;
  float inverse;

  // Between two numbers.
  static QC_DEVICE Grid spanning(float least, float largest, float most) {
    float half = sub_rn(mul_rn(largest, 0.5f), mul_rn(least, 0.5f));
    return of(larger(div_rn(half, mul_rn(most, 0.5f)), 1.17549435e-38f), least, most);
  }

  static QC_DEVICE Grid of(float step, float least, float most) { return Grid{step, least, most, div_rn(1, step)}; }

  QC_DEVICE u8 value(float x) const { return (u8)nearest(smaller(mul_rn(sub_rn(x, least), inverse), most)); }

  QC_DEVICE void store(float* pair) const { store_pair(pair, step, least); }
};

}  // namespace grids
