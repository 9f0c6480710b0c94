// C = epilogue(scale[n] * (step[r] * (V W^T) + least[r] * sum[n])) with unsigned values V [rows, k] and signed ones W
// [n, k], in bytes or halves of bytes, C [rows, n]. The weight lies in tiles, with groups of channels row by row. The product is
// exact. With groups of channels scale and sum are
// [n, groups] and C = epilogue(step[r] * (sum over groups of scale * product) + least[r] * (sum of scale * sum)).

#include "epilogue.cuh"
#include "warpgroups.cuh"

namespace products {

// Number `index` of each of four neighbouring rows of a table, 0 for rows beyond the last.
template <int rows, int row_length, class T>
QC_DEVICE void load_of_rows(float (&out)[4], const T* table, int row, int index) {
  if (row_length == 1 && rows % 4 == 0) {
    if (row < rows) {
      Four<T> all = *(const Four<T>*)(table + row);
      for (int i = 0; i < 4; i++) {
        out[i] = (float)all.at[i];
      }
      return;
    }
    out[0] = out[1] = out[2] = out[3] = 0;
    return;
  }
  for (int i = 0; i < 4; i++) {
    out[i] = row + i < rows ? (float)table[(long long)(row + i) * row_length + index] : 0;
  }
}

// Sums of scale * sum over the groups, for four neighbouring columns. Lanes that have the same columns share the work.
template <int n, int groups, class WeightSum>
QC_DEVICE void load_offsets(float (&out)[4], const float* scale, const WeightSum* weight_sum, int column) {
  out[0] = out[1] = out[2] = out[3] = 0;
#pragma unroll 1
  for (int g = lane_index() / 4; g < groups; g += 8) {
    float scales[4];
    float sums[4];
    load_of_rows<n, groups>(scales, scale, column, g);
    load_of_rows<n, groups>(sums, weight_sum, column, g);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      out[i] = fma_rn(scales[i], sums[i], out[i]);
    }
  }
#pragma unroll
  for (int mask = 4; mask < 32; mask *= 2) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      out[i] += shuffle_xor(out[i], mask);
    }
  }
}

template <class T, int n, int k, int group, class WeightSum, class Result, class Epilogue>
QC_DEVICE void multiply_bytes(const u8* values, const float* range, const void* weight, const float* scale,
                              const WeightSum* weight_sum, Result* result, int rows, int range_stride,
                              const Epilogue& epilogue) {
  constexpr int groups = k / group;
  constexpr int extra_bits = T::packed || (T::pairs && !QC_INT4_PRODUCTS) ? WIDENED_BITS : 0;
  QC_DYNAMIC_SHARED(shared);
  // With groups of channels, what the groups up to here make.
  float scaled[T::row_tiles][T::column_tiles][4] = {};
  auto column_of_lane = [](int first_column) {
    return first_column + warp_index() % T::warps_across * T::warp_columns + lane_index() % 4 * 4;
  };
  auto end_of_group = [&](int(&sums)[T::row_tiles][T::column_tiles][4], int first_column, int g) {
#pragma unroll
    for (int j = 0; j < T::column_tiles; j++) {
      // Of the four neighbours of a pair the first tile has two, the second the others.
      int column = column_of_lane(first_column) + j / 2 * 16;
      float scales[4];
      load_of_rows<n, groups>(scales, scale, column, g);
#pragma unroll
      for (int i = 0; i < T::row_tiles; i++) {
#pragma unroll
        for (int c = 0; c < 4; c++) {
          float product = (float)(sums[i][j][c] >> extra_bits);
          scaled[i][j][c] = fma_rn(product, scales[j % 2 * 2 + c % 2], scaled[i][j][c]);
          sums[i][j][c] = 0;
        }
      }
    }
  };
  struct Places {
    float step;
    float least;
    typename Epilogue::Row operands;
  };
  auto of_row = [&](int row) {
    const float* pair = range + (long long)row * range_stride;
    return Places{pair[0], pair[1], epilogue.row(row)};
  };
  auto finish = [&](int(&sums)[T::row_tiles][T::column_tiles][4], int first_row, int first_column) {
    float offsets[T::column_tiles / 2][4];
    if (groups > 1) {
#pragma unroll
      for (int j = 0; j < T::column_tiles / 2; j++) {
        load_offsets<n, groups>(offsets[j], scale, weight_sum, column_of_lane(first_column) + j * 16);
      }
    }
    Measured<Epilogue, n> measured;
    for_each_four<T>(
        rows, first_row, n, first_column, of_row,
        [&](const Places& places, int row, int column, int tile, int half, int pair) {
          float out[4];
          float scales[4];
          float added[4];
          if (groups == 1) {
            load_of_rows<n, 1>(scales, scale, column, 0);
            load_of_rows<n, 1>(added, weight_sum, column, 0);
          }
#pragma unroll
          for (int i = 0; i < 4; i++) {
            int cell = 2 * half + i % 2;
            if (groups == 1) {
              float product = (float)(sums[tile][2 * pair + i / 2][cell] >> extra_bits);
              float both = add_rn(mul_rn(product, places.step), mul_rn(added[i], places.least));
              out[i] = mul_rn(scales[i], both);
            } else {
              float product = scaled[tile][2 * pair + i / 2][cell];
              out[i] = add_rn(mul_rn(product, places.step), mul_rn(offsets[pair][i], places.least));
            }
          }
          float bias[4];
          epilogue.load_bias(bias, column);
          epilogue.apply(out, bias, places.operands, column);
          measured.template add<Result>(places.operands, column, out);
          store_four<n>(result + (long long)row * n, column, out);
        },
        [&](int row, int column) { measured.store(epilogue, rows, row, column); });
  };
  constexpr int in_byte = T::pairs && !T::warpgroups ? 2 : 1;
  using D = Depth<T, k / in_byte, T::packed || T::pairs ? (k + 1) / 2 : k, group / in_byte>;
  multiply_all<T, D, n, int>(shared, values, weight, rows, end_of_group, finish);
}

}  // namespace products

//@instance
QC_KERNEL_OF(${threads}, ${blocks})
${name}(const u8* values, const float* range, const ${weight}* weight, const float* scale,
        const ${weight_sum}* weight_sum, ${result}* result${pointers}, int rows, int range_stride${numbers},
        int items) {
  using Epilogue = products::Epilogue<${n}, ${epilogue}>;
  products::multiply_bytes<products::${tiling}, ${n}, ${k}, ${group}>(
      values, range, weight, scale, weight_sum, result, rows, range_stride, Epilogue{${arguments}});
}
