// Nothing but products in registers: what tensor cores reach when no memory slows them down.

#include "device.cuh"

namespace ceilings {

// Independent sums, so that a product need not wait for the one before it.
constexpr int CHAINS = 8;

QC_DEVICE void multiply(float (&sums)[4], const u32 (&a)[4], const u32 (&b)[2]) { multiply_bf16(sums, a, b); }
QC_DEVICE void multiply(int (&sums)[4], const u32 (&a)[4], const u32 (&b)[2]) { multiply_u8s8(sums, a, b); }

template <class Sum>
QC_DEVICE void run(const u32* operands, Sum* result, int rounds) {
  u32 a[4];
  u32 b[2];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    a[i] = operands[i * 32 + lane_index()];
  }
#pragma unroll
  for (int i = 0; i < 2; i++) {
    b[i] = operands[(4 + i) * 32 + lane_index()];
  }
  Sum sums[CHAINS][4] = {};
#pragma unroll 1
  for (int round = 0; round < rounds; round++) {
#pragma unroll
    for (int chain = 0; chain < CHAINS; chain++) {
      multiply(sums[chain], a, b);
    }
  }
  Sum total = 0;
#pragma unroll
  for (int chain = 0; chain < CHAINS; chain++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      total += sums[chain][i];
    }
  }
  result[(long long)blockIdx.x * blockDim.x + threadIdx.x] = total;
}

}  // namespace ceilings

//@instance
QC_KERNEL(${threads}) ${name}(const u32* operands, ${sum}* result, int rounds, int items) {
  ceilings::run(operands, result, rounds);
}
