// Products of tiles by warpgroups. One warpgroup brings tiles to a ring of stages in shared memory, two multiply from there.
// Operands come in copies of 16 bytes, by which rows beyond the last and odd ends of a row become 0; weights in whole tiles.
#pragma once

#include "warpgroup_operands.cuh"
#include "warpgroup_weights.cuh"

namespace products {

// Of the 65536 registers of a multiprocessor, in units of eight for each thread. Sums, and what follows a product, take more
// than a thread of an equal share has, so those that copy give theirs; those that unpack need more of them.
template <class T>
constexpr int COPYING_REGISTERS = T::packed ? 104 : 40;
template <class T>
constexpr int MULTIPLYING_REGISTERS = T::packed ? 200 : 232;

template <bool other, class First, class Other>
struct Choice {
  using Type = First;
};
template <class First, class Other>
struct Choice<true, First, Other> {
  using Type = Other;
};

// The tiling of this card: `Warpgroups` where it has them.
template <class General, class Warpgroups>
using OnCard = typename Choice<QC_WARPGROUPS, General, Warpgroups>::Type;

// Calls `bring(first column, step, stage)` for each step of the tiles of this block when its stage is free, and fills the
// operand's part of the stage.
template <class T, class D, int columns, class Bring>
QC_DEVICE void for_each_stage(const Ring<T>& ring, const void* operand, int rows, Bring bring) {
  using Operand = typename Choice<T::pairs, WholeOperand<T, D>, PairOperand<T, D>>::Type;
  int thread = (int)threadIdx.x % WARPGROUP;
  RingPlace<T::stages> place;
#pragma unroll 1
  for (TileWalk<T, columns> walk(rows); walk.has_tile(); walk.advance()) {
    Place first = walk.place();
    Operand copy(operand, first.row, rows, thread);
#pragma unroll 1
    for (int step = 0; step < D::steps; step++) {
      barrier_wait(ring.emptied + place.slot, place.parity ^ 1);
      copy.put(ring.operand(place.slot), ring.filled + place.slot, step);
      bring(first.column, step, place.slot);
      place.advance();
    }
  }
}

template <class T, class D, int columns>
QC_DEVICE void fill_ring(const Ring<T>& ring, const void* operand, const void* weight, int rows) {
  using Weight = WeightTiles<columns, D::weight_row_bytes, T::packed>;
  static_assert(Weight::steps == D::steps, "a stage holds the depth of a tile");
  if constexpr (T::packed) {
    PackedWeight<T, Weight, columns> packed(ring, weight, rows);
    for_each_stage<T, D, columns>(ring, operand, rows, [&](int, int, int stage) {
      packed.bring();
      packed.put(ring.weight(stage), ring.filled + stage);
    });
  } else {
    for_each_stage<T, D, columns>(ring, operand, rows, [&](int first_column, int step, int stage) {
      if (threadIdx.x % WARPGROUP == 0) {
        bring_weight<T, Weight>(ring.weight(stage), ring.filled + stage, weight, first_column, step);
      }
    });
  }
  copy_commit();
  copy_wait<0>();
}

// Adds up the products of a tile.
template <class T, class D, class Sum>
QC_DEVICE void empty_ring(Sum (&sums)[T::row_tiles][T::column_tiles][4], const Ring<T>& ring, RingPlace<T::stages>& place) {
  constexpr int instruction_bytes = 32;
#pragma unroll 1
  for (int step = 0; step < D::steps; step++) {
    barrier_wait(ring.filled + place.slot, place.parity);
    shared_fence();
    constexpr int rows_bytes = 64 * T::tile_bytes;
    const u8* rows = ring.operand(place.slot) + (int)threadIdx.x / WARPGROUP * T::row_tiles * rows_bytes;
    u64 operand = tile_descriptor(shared_address(rows));
    u64 weight = tile_descriptor(shared_address(ring.weight(place.slot)));
    warpgroup_fence();
#pragma unroll
    for (int byte = 0; byte < T::tile_bytes; byte += instruction_bytes) {
#pragma unroll
      for (int i = 0; i < T::row_tiles; i++) {
        warpgroup_multiply(sums[i], further(operand, i * rows_bytes + byte), further(weight, byte));
      }
    }
    warpgroup_commit();
    // The products of this step are under way while those of the step before are waited for.
    warpgroup_wait<1>();
    if (step > 0 && lane_index() == 0) {
      barrier_arrive(ring.emptied + place.slot_before());
    }
    place.advance();
  }
  warpgroup_wait<0>();
  if (lane_index() == 0) {
    barrier_arrive(ring.emptied + place.slot_before());
  }
}

// Multiplies all tiles of this block, and hands over `finish(sums, first row, first column)` after each; it meets no barrier
// of the block, for the warps that copy do not come to it. end_of_group(sums, first column, group) comes after the last
// stage of each group of channels, where there are several.
template <class T, class D, int columns, class Sum, class EndOfGroup, class Finish>
QC_DEVICE void multiply_all(u8* shared, const void* operand, const void* weight, int rows, EndOfGroup end_of_group,
                            Finish finish) {
  if constexpr (T::warpgroups) {
    static_assert(D::groups == 1 && D::whole_operand, "whole rows in copies of 16 bytes");
    Ring<T> ring(shared);
    if ((int)threadIdx.x / WARPGROUP == T::consumers) {
      fewer_registers<COPYING_REGISTERS<T>>();
      fill_ring<T, D, columns>(ring, operand, weight, rows);
      return;
    }
    static_assert(WARPGROUP * (COPYING_REGISTERS<T> + T::consumers * MULTIPLYING_REGISTERS<T>) <= 65536,
                  "registers of a multiprocessor");
    more_registers<MULTIPLYING_REGISTERS<T>>();
    RingPlace<T::stages> place;
#pragma unroll 1
    for (TileWalk<T, columns> walk(rows); walk.has_tile(); walk.advance()) {
      Sum sums[T::row_tiles][T::column_tiles][4] = {};
      empty_ring<T, D>(sums, ring, place);
      Place first = walk.place();
      finish(sums, first.row, first.column);
    }
  } else {
    constexpr int column_blocks = (columns + T::block_columns - 1) / T::block_columns;
    Place place = place_of_tile<column_blocks>(blockIdx.x, gridDim.x / column_blocks);
    int first_row = place.row * T::block_rows;
    int first_column = place.column * T::block_columns;
    Sum sums[T::row_tiles][T::column_tiles][4] = {};
    multiply_tiles<T, D, columns>(sums, shared, operand, weight, rows, first_row, first_column,
                                  [&](int group) { end_of_group(sums, first_column, group); });
    finish(sums, first_row, first_column);
  }
}

}  // namespace products
