// C = residual + gate * act(A W^T + bias) with A [rows, k], W [n, k] and C [rows, n], all row by row, but the weight in tiles
// where tensor cores multiply.

#include "epilogue.cuh"
#include "warpgroups.cuh"

namespace products {

// On tensor cores, for operands of bf16.
template <class T, int n, int k, class Result, class Epilogue>
QC_DEVICE void multiply_halves(const bf16* operand, const bf16* weight, Result* result, int rows,
                               const Epilogue& epilogue) {
  QC_DYNAMIC_SHARED(shared);
  auto of_row = [&](int row) { return epilogue.row(row); };
  auto finish = [&](float(&sums)[T::row_tiles][T::column_tiles][4], int first_row, int first_column) {
    Measured<Epilogue, n> measured;
    for_each_four<T>(rows, first_row, n, first_column, of_row,
                     [&](const typename Epilogue::Row& places, int row, int column, int tile, int half, int pair) {
                       float(&left)[4] = sums[tile][2 * pair];
                       float(&right)[4] = sums[tile][2 * pair + 1];
                       float values[4] = {left[2 * half], left[2 * half + 1], right[2 * half], right[2 * half + 1]};
                       float bias[4];
                       epilogue.load_bias(bias, column);
                       epilogue.apply(values, bias, places, column);
                       measured.template add<Result>(places, column, values);
                       store_four<n>(result + (long long)row * n, column, values);
                     },
                     [&](int row, int column) { measured.store(epilogue, rows, row, column); });
  };
  multiply_all<T, Depth<T, 2 * k, 2 * k, 2 * k>, n, float>(
      shared, operand, weight, rows, [](auto&, int, int) {}, finish);
}

// A block computes block_rows x block_columns, each of its threads thread_rows x 4.
template <int block_rows_, int block_columns_, int thread_rows_>
struct FloatTiling {
  static constexpr int block_rows = block_rows_;
  static constexpr int block_columns = block_columns_;
  static constexpr int thread_rows = thread_rows_;
  static constexpr int threads_across = block_columns / 4;
  static constexpr int threads = block_rows / thread_rows * threads_across;
  static constexpr int depth = 16;
  // Four more keep rows aligned and spread the writes of neighbouring threads over the banks.
  static constexpr int operand_stride = block_rows + 4;
  static constexpr int weight_stride = block_columns + 4;
  static constexpr int stage_floats = depth * (operand_stride + weight_stride);
};

// What a thread takes of the tiles of a matrix of rows of k: four neighbours of each of `count` rows, widened to f32.
template <class T, int tile_rows, int stride, int k, class Element>
struct FloatCopy {
  static constexpr int rows_apart = T::threads * 4 / T::depth;
  static constexpr int count = tile_rows / rows_apart;
  static_assert(tile_rows % rows_apart == 0, "all threads take as much");

  const Element* from;
  int row;
  int depth;
  int rows_left;
  float taken[count][4];

  QC_DEVICE FloatCopy(const Element* matrix, int first_row, int rows) {
    row = (int)threadIdx.x / (T::depth / 4);
    depth = (int)threadIdx.x % (T::depth / 4) * 4;
    from = matrix + (long long)(first_row + row) * k;
    rows_left = rows - first_row - row;
  }

  QC_DEVICE void take(int first) {
#pragma unroll
    for (int i = 0; i < count; i++) {
      bool valid = i * rows_apart < rows_left && (k % T::depth == 0 || first + depth < k);
      if (valid) {
        load_four<k>(taken[i], from + (long long)i * rows_apart * k, first + depth);
      } else {
        taken[i][0] = taken[i][1] = taken[i][2] = taken[i][3] = 0;
      }
    }
  }

  // Turned over: row d of the stage holds number d of the depth of all rows.
  QC_DEVICE void put(float* stage) const {
#pragma unroll
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < 4; j++) {
        stage[(depth + j) * stride + row + i * rows_apart] = taken[i][j];
      }
    }
  }
};

// On the cores for f32. Sums of 128 products are added up to the result, so that its error does not grow with the depth.
template <class T, int n, int k, class Weight, class Result, class Epilogue>
QC_DEVICE void multiply_floats(const float* operand, const Weight* weight, Result* result, int rows,
                               const Epilogue& epilogue) {
  constexpr int steps = (k + T::depth - 1) / T::depth;
  constexpr int steps_together = 128 / T::depth;
  QC_DYNAMIC_SHARED(shared);
  float* stages = (float*)shared;
  constexpr int column_blocks = (n + T::block_columns - 1) / T::block_columns;
  Place block = place_of_tile<column_blocks>(blockIdx.x, gridDim.x / column_blocks);
  int first_row = block.row * T::block_rows;
  int first_column = block.column * T::block_columns;
  int thread_row = (int)threadIdx.x / T::threads_across * T::thread_rows;
  int thread_column = (int)threadIdx.x % T::threads_across * 4;
  FloatCopy<T, T::block_rows, T::operand_stride, k, float> operand_copy(operand, first_row, rows);
  FloatCopy<T, T::block_columns, T::weight_stride, k, Weight> weight_copy(weight, first_column, n);
  float totals[T::thread_rows][4] = {};
  float sums[T::thread_rows][4] = {};
  operand_copy.take(0);
  weight_copy.take(0);
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    // Threads write one stage while others, which have not come to the barrier again, may still read the other one.
    float* stage = stages + step % 2 * T::stage_floats;
    float* weights = stage + T::depth * T::operand_stride;
    operand_copy.put(stage);
    weight_copy.put(weights);
    sync_block();
    if (step + 1 < steps) {
      operand_copy.take((step + 1) * T::depth);
      weight_copy.take((step + 1) * T::depth);
    }
#pragma unroll
    for (int d = 0; d < T::depth; d++) {
      float a[T::thread_rows];
#pragma unroll
      for (int i = 0; i < T::thread_rows; i += 4) {
        Four<float> rows_of_a = *(const Four<float>*)(stage + d * T::operand_stride + thread_row + i);
        a[i] = rows_of_a.at[0];
        a[i + 1] = rows_of_a.at[1];
        a[i + 2] = rows_of_a.at[2];
        a[i + 3] = rows_of_a.at[3];
      }
      Four<float> w = *(const Four<float>*)(weights + d * T::weight_stride + thread_column);
#pragma unroll
      for (int i = 0; i < T::thread_rows; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          sums[i][j] = fma_rn(a[i], w.at[j], sums[i][j]);
        }
      }
    }
    if (step % steps_together == steps_together - 1 || step == steps - 1) {
#pragma unroll
      for (int i = 0; i < T::thread_rows; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          totals[i][j] += sums[i][j];
          sums[i][j] = 0;
        }
      }
    }
  }
  int column = first_column + thread_column;
  if (column >= n) {
    return;
  }
  float bias[4];
  epilogue.load_bias(bias, column);
#pragma unroll
  for (int i = 0; i < T::thread_rows; i++) {
    int row = first_row + thread_row + i;
    if (row < rows) {
      epilogue.apply(totals[i], bias, epilogue.row(row), column);
      store_four<n>(result + (long long)row * n, column, totals[i]);
    }
  }
}

}  // namespace products

//@instance
QC_KERNEL_OF(${threads}, ${blocks})
${name}(const ${operand}* operand, const ${weight}* weight, ${result}* result${pointers}, int rows${numbers},
        int items) {
  using Epilogue = products::Epilogue<${n}, ${epilogue}>;
  products::${multiply}<products::${tiling}, ${n}, ${k}>(operand, weight, result, rows, Epilogue{${arguments}});
}
