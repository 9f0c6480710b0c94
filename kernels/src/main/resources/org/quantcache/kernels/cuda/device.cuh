// What kernels are written in, for a GPU from sm_80 on. emulation/host.h offers the same words to a C++ compiler.
// Needs no header, so that NVRTC, which brings none, compiles it as well.
#pragma once

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define QC_DEVICE __device__ __forceinline__
#define QC_KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
// Keeps to as many registers as leave room for `blocks` blocks on a multiprocessor.
#define QC_KERNEL_OF(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)
// Dynamic shared memory of the block, aligned for whole cache lines.
#define QC_DYNAMIC_SHARED(name) extern __shared__ __align__(128) u8 name[]
// Shared memory of a fixed size, aligned for 16-byte accesses.
#define QC_SHARED __shared__ __align__(16)
// Follows every kernel; the emulation exports it by this.
#define QC_REGISTER(name)

// 16-bit floats as they are stored.
struct bf16 {
  u16 bits;
};
struct f16 {
  u16 bits;
};

QC_DEVICE float to_float(float x) { return x; }
QC_DEVICE float to_float(bf16 x) { return __uint_as_float((u32)x.bits << 16); }
QC_DEVICE float to_float(f16 x) {
  float out;
  asm("cvt.f32.f16 %0, %1;" : "=f"(out) : "h"(x.bits));
  return out;
}

QC_DEVICE float to_float(s8 x) { return (float)x; }
// The number whose pattern of bits this is.
QC_DEVICE float float_of_bits(int bits) { return __uint_as_float((u32)bits); }

// Rounds to the nearest, halves to even.
template <class T>
struct Rounded;
template <>
struct Rounded<float> {
  static QC_DEVICE float of(float x) { return x; }
};
template <>
struct Rounded<bf16> {
  static QC_DEVICE bf16 of(float x) {
    bf16 out;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(out.bits) : "f"(x));
    return out;
  }
};
template <>
struct Rounded<f16> {
  static QC_DEVICE f16 of(float x) {
    f16 out;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(out.bits) : "f"(x));
    return out;
  }
};
template <class T>
QC_DEVICE T rounded(float x) {
  return Rounded<T>::of(x);
}

// Two rounded values in one word, as fragments hold them.
QC_DEVICE u32 pair_bf16(float low, float high) {
  u32 out;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(out) : "f"(high), "f"(low));
  return out;
}

// The nearest whole number, halves to even.
QC_DEVICE int nearest(float x) { return __float2int_rn(x); }

// Operations that round once and are never merged with their neighbours, as quantization needs.
QC_DEVICE float add_rn(float a, float b) { return __fadd_rn(a, b); }
QC_DEVICE float sub_rn(float a, float b) { return __fsub_rn(a, b); }
QC_DEVICE float mul_rn(float a, float b) { return __fmul_rn(a, b); }
QC_DEVICE float div_rn(float a, float b) { return __fdiv_rn(a, b); }
QC_DEVICE float fma_rn(float a, float b, float c) { return __fmaf_rn(a, b, c); }
QC_DEVICE float root(float x) { return __fsqrt_rn(x); }
QC_DEVICE float smaller(float a, float b) { return fminf(a, b); }
QC_DEVICE float larger(float a, float b) { return fmaxf(a, b); }
QC_DEVICE float magnitude(float x) { return fabsf(x); }

// 2^x to about 2 units in the last place; 0 for x below -126.
QC_DEVICE float exp2_fast(float x) {
  float out;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(out) : "f"(x));
  return out;
}

// a / b to about 2 units in the last place; 0 for b above 2^126.
QC_DEVICE float divide_fast(float a, float b) { return __fdividef(a, b); }

// Four of the eight bytes of a (numbers 0 to 3) and b (4 to 7); each digit of the selector is the number of one.
QC_DEVICE u32 permute_bytes(u32 a, u32 b, u32 selector) { return __byte_perm(a, b, selector); }

// Lanes of a warp; all 32 take part.
QC_DEVICE int lane_index() { return threadIdx.x & 31; }
QC_DEVICE int warp_index() { return threadIdx.x >> 5; }
template <class T>
QC_DEVICE T shuffle_xor(T value, int mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}
template <class T>
QC_DEVICE T shuffle(T value, int lane) {
  return __shfl_sync(0xffffffffu, value, lane);
}
QC_DEVICE void sync_block() { __syncthreads(); }
QC_DEVICE void sync_warp() { __syncwarp(); }

// Asynchronous copies of 16 bytes to shared memory. Where `valid` is false the target becomes zero and nothing is read.
QC_DEVICE void copy_async(void* shared, const void* global, bool valid) {
  u32 to = (u32)__cvta_generic_to_shared(shared);
  int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes) : "memory");
}
QC_DEVICE void copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Until at most `pending` of the last groups are under way.
template <int pending>
QC_DEVICE void copy_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

// Four 8x8 matrices of 16-bit elements; lane 8 i + r gives the address of row r of matrix i.
QC_DEVICE void load_matrices(u32 (&out)[4], const void* row) {
  u32 from = (u32)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
               : "r"(from)
               : "memory");
}
QC_DEVICE void load_matrices_transposed(u32 (&out)[4], const void* row) {
  u32 from = (u32)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
               : "r"(from)
               : "memory");
}

// Products of a warp, c += a b: fragments as the PTX manual lays them out.
// m16n8k16
QC_DEVICE void multiply_bf16(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
QC_DEVICE void multiply_f16(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// m16n8k8: the left half of m16n8k16
QC_DEVICE void multiply_bf16_half(float (&c)[4], const u32 (&a)[2], u32 b) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(b));
}
// m16n8k32: activations unsigned, weights signed
QC_DEVICE void multiply_u8s8(int (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// both signed
QC_DEVICE void multiply_s8(int (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
