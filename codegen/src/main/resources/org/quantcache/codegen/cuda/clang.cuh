// Those words of CUDA that device.cuh is written in, for a clang without the headers of a toolkit.
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define QC_WORD static __device__ __forceinline__

struct QcIndex {
  unsigned x, y, z;
};
QC_WORD QcIndex qc_index(int x, int y, int z) { return {(unsigned)x, (unsigned)y, (unsigned)z}; }
#define QC_INDEX(name) \
  qc_index(__nvvm_read_ptx_sreg_##name##_x(), __nvvm_read_ptx_sreg_##name##_y(), __nvvm_read_ptx_sreg_##name##_z())
#define threadIdx QC_INDEX(tid)
#define blockIdx QC_INDEX(ctaid)
#define blockDim QC_INDEX(ntid)
#define gridDim QC_INDEX(nctaid)

QC_WORD float __uint_as_float(unsigned x) { return __nvvm_bitcast_i2f((int)x); }
QC_WORD int __float2int_rn(float x) { return __nvvm_f2i_rn(x); }
QC_WORD unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
  return (unsigned)__nvvm_prmt((int)a, (int)b, (int)selector);
}

QC_WORD float __fadd_rn(float a, float b) { return __nvvm_add_rn_f(a, b); }
QC_WORD float __fsub_rn(float a, float b) { return __nvvm_add_rn_f(a, -b); }
QC_WORD float __fmul_rn(float a, float b) { return __nvvm_mul_rn_f(a, b); }
QC_WORD float __fdiv_rn(float a, float b) { return __nvvm_div_rn_f(a, b); }
QC_WORD float __fmaf_rn(float a, float b, float c) { return __nvvm_fma_rn_f(a, b, c); }
QC_WORD float __fsqrt_rn(float x) { return __nvvm_sqrt_rn_f(x); }
QC_WORD float __fdividef(float a, float b) { return __nvvm_div_approx_f(a, b); }
QC_WORD float fminf(float a, float b) { return __nvvm_fmin_f(a, b); }
QC_WORD float fmaxf(float a, float b) { return __nvvm_fmax_f(a, b); }
QC_WORD float fabsf(float x) { return __builtin_fabsf(x); }

QC_WORD void __syncwarp() { __nvvm_bar_warp_sync(0xffffffffu); }
#define QC_SHUFFLE(name, how)                                               \
  QC_WORD float name(unsigned lanes, float value, int lane) {               \
    return __nvvm_shfl_sync_##how##_f32(lanes, value, lane, 31);            \
  }                                                                         \
  QC_WORD int name(unsigned lanes, int value, int lane) {                   \
    return __nvvm_shfl_sync_##how##_i32(lanes, value, lane, 31);            \
  }                                                                         \
  QC_WORD unsigned name(unsigned lanes, unsigned value, int lane) {         \
    return (unsigned)__nvvm_shfl_sync_##how##_i32(lanes, (int)value, lane, 31); \
  }
QC_SHUFFLE(__shfl_sync, idx)
QC_SHUFFLE(__shfl_xor_sync, bfly)

QC_WORD unsigned long long __cvta_generic_to_shared(const void* pointer) {
  return (unsigned long long)(const __attribute__((address_space(3))) char*)pointer;
}
