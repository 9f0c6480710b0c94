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

// Whether warpgroups multiply: instructions of compute capability 9.0 alone, which code for sm_90a may hold, and no
// compiler before CUDA 12.4 knows.
#ifndef QC_WARPGROUPS
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#define QC_WARPGROUPS 1
#else
#define QC_WARPGROUPS 0
#endif
#endif

// Whether tensor cores multiply values of 4 bits: those before compute capability 9.0. Later ones would take as many
// instructions as a product of bytes and more.
#ifndef QC_INT4_PRODUCTS
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
#define QC_INT4_PRODUCTS 0
#else
#define QC_INT4_PRODUCTS 1
#endif
#endif

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

// m16n8k64: values of 4 bits, activations unsigned, weights signed
#if QC_INT4_PRODUCTS
QC_DEVICE void multiply_u4s4(int (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k64.row.col.s32.u4.s4.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif

// Where shared memory lies for instructions that take its address as a number.
QC_DEVICE u32 shared_address(const void* shared) { return (u32)__cvta_generic_to_shared(shared); }

// Barriers in shared memory: a phase ends with the last of `count` arrivals, and the next begins. Phases are told apart by
// their parity; that of the first is 0, and the one before it, of parity 1, counts as over.
QC_DEVICE void barrier_start(u64* barrier, int count) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(count) : "memory");
}
QC_DEVICE void barrier_arrive(u64* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
}
// Arrives when the copies that this thread has started are there.
QC_DEVICE void copy_arrive(u64* barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(shared_address(barrier)) : "memory");
}
// Arrives, and lets the phase end no sooner than so many bytes of copy_bulk are there.
QC_DEVICE void barrier_expect(u64* barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)), "r"(bytes)
               : "memory");
}
// One piece of memory to shared memory, both at multiples of 16 bytes, as is its length. It counts for a barrier, which a
// shared_fence must have made known after its start.
QC_DEVICE void copy_bulk(void* shared, const void* global, int bytes, u64* barrier) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                   shared_address(shared)),
               "l"(global), "r"(bytes), "r"(shared_address(barrier))
               : "memory");
}
// Until the phase of this parity is over. All lanes of a warp wait together.
QC_DEVICE void barrier_wait(u64* barrier, int parity) {
  u32 over;
  do {
    asm volatile(
        "{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"
        : "=r"(over)
        : "r"(shared_address(barrier)), "r"(parity)
        : "memory");
  } while (over == 0);
}

// A warpgroup is four warps, the first of a number that four divides. Its products read shared memory by themselves: what
// threads wrote there, they see behind shared_fence. Sums belong to them from warpgroup_fence until they are waited for.
QC_DEVICE void shared_fence() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
QC_DEVICE void warpgroup_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
QC_DEVICE void warpgroup_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// Until at most `pending` of the last groups of products are under way.
template <int pending>
QC_DEVICE void warpgroup_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}

// How many registers the threads of a warpgroup have from now on. Those that want more wait until others gave enough.
template <int count>
QC_DEVICE void fewer_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}
template <int count>
QC_DEVICE void more_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}

// Products of a warpgroup, c += a b of 64 rows and 192 columns; a and b lie in shared memory, row by row and column by
// column, where their descriptors say. A warp has 16 rows, in tiles of 8 columns as multiply_bf16 lays them out.
#define QC_TILE(kind, c, i) kind(c[i][0]), kind(c[i][1]), kind(c[i][2]), kind(c[i][3])
#define QC_FOUR_TILES(kind, c, i) \
  QC_TILE(kind, c, i), QC_TILE(kind, c, i + 1), QC_TILE(kind, c, i + 2), QC_TILE(kind, c, i + 3)
#define QC_TILES(kind, c)                                                                  \
  QC_FOUR_TILES(kind, c, 0), QC_FOUR_TILES(kind, c, 4), QC_FOUR_TILES(kind, c, 8),         \
      QC_FOUR_TILES(kind, c, 12), QC_FOUR_TILES(kind, c, 16), QC_FOUR_TILES(kind, c, 20)
#define QC_TILE_OPERANDS                                                                      \
  "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,"   \
  "%24,%25,%26,%27,%28,%29,%30,%31,%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,"  \
  "%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63,%64,%65,%66,%67,"  \
  "%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,"  \
  "%90,%91,%92,%93,%94,%95}, %96, %97, p"
// 16 halves of the depth
QC_DEVICE void warpgroup_multiply(float (&c)[24][4], u64 a, u64 b) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.eq.u32 p, 0, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 " QC_TILE_OPERANDS ", 1, 1, 0, 0;\n}"
      : QC_TILES("+f", c)
      : "l"(a), "l"(b)
      : "memory");
}
// 32 bytes of the depth: activations unsigned, weights signed
QC_DEVICE void warpgroup_multiply(int (&c)[24][4], u64 a, u64 b) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.eq.u32 p, 0, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n192k32.s32.u8.s8 " QC_TILE_OPERANDS ";\n}"
      : QC_TILES("+r", c)
      : "l"(a), "l"(b)
      : "memory");
}
#undef QC_TILE_OPERANDS
#undef QC_TILES
#undef QC_FOUR_TILES
#undef QC_TILE
