// Where warpgroups find tiles in shared memory, and in which order they take them: arithmetic alone.
#pragma once

#include "device.cuh"

namespace products {

// What wgmma calls a matrix descriptor, of a tile whose rows are 128 bytes of depth, swizzled in blocks of eight rows:
// bits 0-13 the address, 16-29 the offset of the next block of depth, which such tiles do not have (1 by convention),
// 32-45 that of the next eight rows, all of them without their lowest four bits; 62-63 the swizzle, 1 for 128 bytes. The
// tile lies at a multiple of 1024 bytes. PTX ISA, "Matrix descriptor format" of asynchronous warpgroup instructions.
constexpr int SWIZZLED_BLOCK_BYTES = 8 * 128;

QC_DEVICE u64 tile_descriptor(u32 address) {
  return (u64)((address & 0x3ffff) >> 4) | 1ull << 16 | (u64)(SWIZZLED_BLOCK_BYTES >> 4) << 32 | 1ull << 62;
}

// The same tile, further down its depth by fewer than 128 bytes, or from a later block of eight rows on.
QC_DEVICE u64 further(u64 descriptor, int bytes) { return descriptor + (bytes >> 4); }

// A slot of a ring of `slots`, which all go round together, and the parity of the round.
template <int slots>
struct RingPlace {
  int slot = 0;
  int parity = 0;

  QC_DEVICE void advance() {
    slot++;
    if (slot == slots) {
      slot = 0;
      parity ^= 1;
    }
  }

  QC_DEVICE int slot_before() const { return slot == 0 ? slots - 1 : slot - 1; }
};

}  // namespace products
