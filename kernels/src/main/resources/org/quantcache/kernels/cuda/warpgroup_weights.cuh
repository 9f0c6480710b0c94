// How weights come to warpgroups: tiles that lie in memory as they do in shared memory, each in one piece, which a single
// thread starts on its way.
#pragma once

#include "warpgroup_ring.cuh"

namespace products {

// Brings the weight of a step, all of its columns that there are. What lies behind them stays what it was: columns of a
// product have nothing to do with each other.
template <class T, class Weight>
QC_DEVICE void bring_weight(u8* to, u64* barrier, const void* weight, int first_column, int step) {
  constexpr int most = T::block_columns / Weight::tile_rows;
  int first = first_column / Weight::tile_rows;
  int left = Weight::panels - first;
  int count = left < most ? left : most;
  barrier_expect(barrier, count * Weight::tile_bytes);
  const u8* from = (const u8*)weight + (long long)first * Weight::panel_bytes + step * Weight::tile_bytes;
#pragma unroll
  for (int i = 0; i < most; i++) {
    if (Weight::panels % most == 0 || i < count) {
      copy_bulk(to + i * Weight::tile_bytes, from + i * Weight::panel_bytes, Weight::tile_bytes, barrier);
    }
  }
}

// Packed weights on their way through slots to stages. Those of the next tile come while stages are still held by this one.
template <class T, class Weight, int columns>
struct PackedWeight {
  static constexpr int chunks = Weight::tile_row_bytes / 16;
  static constexpr int rows_apart = WARPGROUP / chunks;
  static constexpr int count = T::block_columns / rows_apart;
  static_assert(T::block_columns % rows_apart == 0 && rows_apart % 8 == 0, "swizzles repeat after 8 rows");

  const Ring<T>& ring;
  const void* weight;
  // What is brought next, and to which slot.
  TileWalk<T, columns> walk;
  int first_column = 0;
  int step = 0;
  RingPlace<T::packed_slots> next;
  RingPlace<T::packed_slots> slot;
  int thread;

  QC_DEVICE PackedWeight(const Ring<T>& ring, const void* weight, int rows)
      : ring(ring), weight(weight), walk(rows), thread((int)threadIdx.x % WARPGROUP) {
#pragma unroll 1
    for (int i = 0; i < T::packed_slots - 1; i++) {
      bring();
    }
  }

  // Starts on its way what comes to the slot that was unpacked longest ago.
  QC_DEVICE void bring() {
    if (thread >= 32 || !walk.has_tile()) {
      return;
    }
    if (step == 0) {
      first_column = walk.place().column;
    }
    barrier_wait(ring.unpacked + next.slot, next.parity ^ 1);
    if (thread == 0) {
      bring_weight<T, Weight>(ring.slot(next.slot), ring.brought + next.slot, weight, first_column, step);
    }
    next.advance();
    step++;
    if (step == Weight::steps) {
      step = 0;
      walk.advance();
    }
  }

  // Unpacks the next slot to the tile of a stage, and arrives.
  QC_DEVICE void put(u8* tile, u64* filled) {
    barrier_wait(ring.brought + slot.slot, slot.parity);
    int row = thread / chunks;
    int from = Weight::place(row, thread % chunks);
    int to = swizzled<128>(row, thread % chunks * 2);
#pragma unroll
    for (int i = 0; i < count; i++) {
      Words pairs = *(const Words*)(ring.slot(slot.slot) + from + i * rows_apart * Weight::tile_row_bytes);
      put_unpacked<true>(tile, to + i * rows_apart * 128, pairs);
    }
    shared_fence();
    barrier_arrive(filled);
    sync_warp();
    if (lane_index() == 0) {
      barrier_arrive(ring.unpacked + slot.slot);
    }
    slot.advance();
  }
};

}  // namespace products
