// The words of device.cuh for a C++17 compiler on x86-64 Linux, so that kernels run where no GPU is. Each CUDA thread
// is a fiber on one thread of the system. What a GPU leaves open is left open here: the order of blocks, of warps and of
// lanes between collectives comes from a seed, shared memory starts as rubbish, and asynchronous copies arrive late.
// Compile with -O2 -ffp-contract=off -fno-math-errno -fvisibility=hidden.
#pragma once

#include <link.h>

#include "launch.h"

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

namespace emulation {

constexpr int WARP = 32;
constexpr int MAX_THREADS = 1024;
constexpr u64 STACK_BYTES = 128 << 10;
constexpr u64 GUARD = 0x5afe57ac5afe57acull;
constexpr u8 POISON = 0xCD;
constexpr int GUARD_BYTES = 128;

// An asynchronous copy that has not arrived; without bytes to copy, an arrival at a barrier when all before it have.
struct Copy {
  void* to;
  const void* from;
  enum { BYTES, ZEROS, ARRIVAL } kind;
  long group;
};

enum class State { READY, COLLECTIVE, BARRIER, DONE };

// What a warp does together: gets the operands of all its lanes.
typedef void (*Operation)(void* const* operands);

struct Thread {
  void* stack_pointer;
  Index index;
  State state;
  Operation operation;
  void* operands;
  Copy* copies;
  int copy_count;
  int copy_capacity;
  long open_group;
};

static Thread threads[MAX_THREADS];
static Thread* current;
static void* scheduler_stack;
static u8* stacks;
static int thread_count;
static Launch* launch;
static Index block_index;
static void (*body)();
static bool failed;
static u64 random_state;
static u8* dynamic_shared;
static u64 dynamic_capacity;
// Shared variables are thread-local ones: they lie together in one segment, which can be filled.
static thread_local __attribute__((used)) u8 static_anchor[16];
static u8* static_shared;
static u64 static_bytes;

static inline u32 random_below(u32 bound) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (u32)(((random_state >> 32) * bound) >> 32);
}

// Keeps the callee-saved registers on the stack that is left, and takes those of the other.
extern "C" void emulation_switch(void** save, void* to);
asm(".text\n"
    ".local emulation_switch\n"
    ".type emulation_switch, @function\n"
    "emulation_switch:\n"
    "  push %rbp\n"
    "  push %rbx\n"
    "  push %r12\n"
    "  push %r13\n"
    "  push %r14\n"
    "  push %r15\n"
    "  mov %rsp, (%rdi)\n"
    "  mov %rsi, %rsp\n"
    "  pop %r15\n"
    "  pop %r14\n"
    "  pop %r13\n"
    "  pop %r12\n"
    "  pop %rbx\n"
    "  pop %rbp\n"
    "  ret\n"
    ".size emulation_switch, . - emulation_switch\n");

// Back to the scheduler until it comes to this thread again.
static void leave(State state) {
  current->state = state;
  asm volatile("" ::: "memory");
  emulation_switch(&current->stack_pointer, scheduler_stack);
  asm volatile("" ::: "memory");
}

template <class... Values>
static void report(const char* format, Values... values) {
  if (!failed) {
    __builtin_snprintf(launch->message, sizeof(launch->message), format, values...);
  }
  failed = true;
}

// Gives up the launch from inside a kernel.
template <class... Values>
static void fail(const char* format, Values... values) {
  report(format, values...);
  leave(State::DONE);
  __builtin_trap();
}

static inline bool in_shared(const void* address, u64 bytes) {
  const u8* from = (const u8*)address;
  return (from >= dynamic_shared && from + bytes <= dynamic_shared + launch->shared_bytes) ||
         (from >= static_shared && from + bytes <= static_shared + static_bytes);
}

static inline void check_shared(const char* word, const void* address, u64 bytes = 16) {
  if (((u64)address & 15) != 0) {
    fail("%s: address %p in shared memory is not aligned to 16 bytes (block %u, thread %u)", word, address,
         block_index.x, current->index.x);
  }
  if (!in_shared(address, bytes)) {
    fail("%s: address %p is not in shared memory (block %u, thread %u)", word, address, block_index.x,
         current->index.x);
  }
}

static inline void collective(Operation operation, void* operands) {
  current->operation = operation;
  current->operands = operands;
  leave(State::COLLECTIVE);
}

// What a barrier of 64 bits holds: arrivals of a phase, and how many arrivals and bytes it lacks.
struct Barrier {
  u16 count;
  u16 missing;
  int bytes_missing : 31;
  u32 parity : 1;
};
static_assert(sizeof(Barrier) == 8, "the size of a barrier");

// Polls of barriers in a row that found none of them over, nor let a copy arrive.
static u64 idle_polls;
constexpr u64 MOST_IDLE_POLLS = 1 << 16;

static inline void end_phase_if_over(Barrier* barrier) {
  idle_polls = 0;
  if (barrier->missing == 0 && barrier->bytes_missing == 0) {
    barrier->missing = barrier->count;
    barrier->parity ^= 1;
  }
}

static inline void arrive(Barrier* barrier) {
  if (barrier->missing == 0) {
    report("more threads arrive at a barrier than it counts (block %u)", block_index.x);
    return;
  }
  barrier->missing--;
  end_phase_if_over(barrier);
}

// A copy of one piece that has not arrived.
struct BulkCopy {
  void* to;
  const void* from;
  int bytes;
  Barrier* barrier;
};

constexpr int MOST_BULK_COPIES = 256;

static BulkCopy bulk_copies[MOST_BULK_COPIES];
static int bulk_copy_count;
// Whether copies see the barriers that were started.
static bool barriers_fenced;

static inline void arrive(const BulkCopy& copy) {
  __builtin_memcpy(copy.to, copy.from, copy.bytes);
  copy.barrier->bytes_missing -= copy.bytes;
  end_phase_if_over(copy.barrier);
}

// They come in any order.
static void let_bulk_copies_arrive() {
  for (int i = bulk_copy_count - 1; i >= 0; i--) {
    if (random_below(2) == 0) {
      BulkCopy copy = bulk_copies[i];
      bulk_copies[i] = bulk_copies[--bulk_copy_count];
      arrive(copy);
    }
  }
}

static inline void arrive(const Copy& copy) {
  switch (copy.kind) {
    case Copy::BYTES:
      __builtin_memcpy(copy.to, copy.from, 16);
      break;
    case Copy::ZEROS:
      __builtin_memset(copy.to, 0, 16);
      break;
    case Copy::ARRIVAL:
      arrive((Barrier*)copy.to);
  }
}

static void enqueue(const Copy& copy) {
  Thread& thread = *current;
  if (thread.copy_count == thread.copy_capacity) {
    thread.copy_capacity = thread.copy_capacity == 0 ? 64 : 2 * thread.copy_capacity;
    thread.copies = (Copy*)__builtin_realloc(thread.copies, sizeof(Copy) * thread.copy_capacity);
  }
  thread.copies[thread.copy_count++] = copy;
}

// Copies of some threads arrive, up to where one of them arrives at a barrier.
static void let_copies_arrive() {
  for (int i = 0; i < thread_count; i++) {
    Thread& thread = threads[i];
    if (thread.copy_count == 0 || random_below(4) == 0) {
      continue;
    }
    int arrived = 0;
    while (arrived < thread.copy_count) {
      const Copy& copy = thread.copies[arrived++];
      arrive(copy);
      if (copy.kind == Copy::ARRIVAL) {
        break;
      }
    }
    thread.copy_count -= arrived;
    __builtin_memmove(thread.copies, thread.copies + arrived, sizeof(Copy) * thread.copy_count);
  }
}

static void finish_groups_before(long group) {
  Thread& thread = *current;
  int kept = 0;
  for (int i = 0; i < thread.copy_count; i++) {
    if (thread.copies[i].group < group) {
      arrive(thread.copies[i]);
    } else {
      thread.copies[kept++] = thread.copies[i];
    }
  }
  thread.copy_count = kept;
}

static void enter() {
  body();
  leave(State::DONE);
  __builtin_trap();
}

static void start_thread(int i) {
  Thread& thread = threads[i];
  thread.state = State::READY;
  thread.copy_count = 0;
  thread.open_group = 0;
  u8* stack = stacks + STACK_BYTES * i;
  *(u64*)stack = GUARD;
  // Stacks a power of two apart would share the same lines of the cache.
  void** top = (void**)(stack + STACK_BYTES - 64 * (1 + i % 61));
  *--top = nullptr;
  *--top = (void*)enter;
  for (int saved = 0; saved < 6; saved++) {
    *--top = nullptr;
  }
  thread.stack_pointer = top;
}

static int lanes_in(int warp, State state) {
  int count = 0;
  for (int lane = 0; lane < WARP; lane++) {
    count += threads[warp * WARP + lane].state == state;
  }
  return count;
}

// Runs every lane of a warp to its next stop. False where all of them already wait for the block or are through.
static bool run_warp(int warp) {
  Thread* lanes = threads + warp * WARP;
  int first = random_below(WARP);
  int step = 2 * random_below(WARP / 2) + 1;
  bool moved = false;
  for (int i = 0; i < WARP; i++) {
    Thread& lane = lanes[(first + i * step) % WARP];
    if (lane.state == State::READY) {
      moved = true;
      current = &lane;
      emulation_switch(&scheduler_stack, lane.stack_pointer);
      asm volatile("" ::: "memory");
      if (failed) {
        return false;
      }
    }
  }
  int waiting = lanes_in(warp, State::COLLECTIVE);
  if (waiting == 0) {
    return moved;
  }
  for (int lane = 0; lane < WARP; lane++) {
    if (waiting < WARP || lanes[lane].operation != lanes[0].operation) {
      report("lanes of warp %d of block %u part before a collective of the warp", warp, block_index.x);
      return false;
    }
  }
  void* operands[WARP];
  for (int lane = 0; lane < WARP; lane++) {
    operands[lane] = lanes[lane].operands;
  }
  lanes[0].operation(operands);
  for (int lane = 0; lane < WARP; lane++) {
    lanes[lane].state = State::READY;
  }
  return true;
}

static void check_block() {
  if (bulk_copy_count > 0) {
    report("block %u ends before %d copies of whole pieces have come", block_index.x, bulk_copy_count);
  }
  for (int i = 0; i < GUARD_BYTES; i++) {
    if (dynamic_shared[launch->shared_bytes + i] != POISON) {
      report("block %u writes behind its %llu bytes of dynamic shared memory", block_index.x, launch->shared_bytes);
    }
  }
  for (int i = 0; i < thread_count; i++) {
    if (*(u64*)(stacks + STACK_BYTES * i) != GUARD) {
      report("thread %d of block %u needs more than %llu bytes of stack", i, block_index.x, STACK_BYTES);
    }
  }
}

// A product of one of the four warps of a warpgroup that may not have been computed.
struct WarpgroupProduct {
  void (*compute)(const WarpgroupProduct&);
  void* sums[WARP];
  u64 a;
  u64 b;
  // Of the warpgroup's rows.
  int first_row;
  long group;
};

constexpr int MOST_PRODUCTS = 64;

struct WarpgroupProducts {
  WarpgroupProduct pending[MOST_PRODUCTS];
  int count;
  long open_group;
  // Whether sums belong to the products, and whether these see what threads wrote to shared memory.
  bool sums_fenced;
  bool shared_fenced;
};

static WarpgroupProducts products_of_warp[MAX_THREADS / WARP];

static void compute_groups_before(WarpgroupProducts& products, long group) {
  int computed = 0;
  while (computed < products.count && products.pending[computed].group < group) {
    products.pending[computed].compute(products.pending[computed]);
    computed++;
  }
  products.count -= computed;
  __builtin_memmove(products.pending, products.pending + computed, sizeof(WarpgroupProduct) * products.count);
}

static void run_block() {
  __builtin_memset(products_of_warp, 0, sizeof(products_of_warp));
  idle_polls = 0;
  bulk_copy_count = 0;
  barriers_fenced = true;
  __builtin_memset(dynamic_shared, POISON, launch->shared_bytes + GUARD_BYTES);
  __builtin_memset(static_shared, POISON, static_bytes);
  int warps = thread_count / WARP;
  int order[MAX_THREADS / WARP];
  for (int warp = 0; warp < warps; warp++) {
    order[warp] = warp;
  }
  for (int i = 0; i < thread_count; i++) {
    start_thread(i);
  }
  for (;;) {
    bool moved = false;
    for (int i = warps - 1; i >= 0; i--) {
      int other = random_below(i + 1);
      int warp = order[other];
      order[other] = order[i];
      order[i] = warp;
      // Some warps run ahead as far as they can, others stay behind.
      bool ahead = random_below(4) == 0;
      do {
        u64 polls = idle_polls;
        bool ran = run_warp(warp);
        moved |= ran;
        ahead &= ran && idle_polls <= polls;
      } while (ahead);
      if (failed) {
        return;
      }
    }
    if (moved) {
      continue;
    }
    int waiting = 0;
    for (int warp = 0; warp < warps; warp++) {
      waiting += lanes_in(warp, State::BARRIER);
    }
    if (waiting == 0) {
      check_block();
      return;
    }
    if (waiting < thread_count) {
      report("%d of %d threads of block %u never come to a barrier", thread_count - waiting, thread_count,
             block_index.x);
      return;
    }
    for (int i = 0; i < thread_count; i++) {
      threads[i].state = State::READY;
    }
  }
}

static int find_static_shared(dl_phdr_info* object, size_t, void* anchor) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    u8* start = (u8*)object->dlpi_tls_data;
    if (segment.p_type == PT_TLS && anchor >= start && anchor < start + segment.p_memsz) {
      static_shared = start;
      static_bytes = segment.p_memsz;
      return 1;
    }
  }
  return 0;
}

static bool prepare() {
  Index block = launch->block;
  thread_count = block.x * block.y * block.z;
  if (thread_count <= 0 || thread_count > MAX_THREADS || thread_count % WARP != 0) {
    report("%d threads a block: the emulation takes whole warps up to %d threads", thread_count, MAX_THREADS);
    return false;
  }
  if (stacks == nullptr) {
    stacks = (u8*)__builtin_aligned_alloc(4096, STACK_BYTES * MAX_THREADS);
  }
  if (dynamic_capacity < launch->shared_bytes + GUARD_BYTES) {
    __builtin_free(dynamic_shared);
    dynamic_capacity = (launch->shared_bytes + GUARD_BYTES + 127) & ~127ull;
    dynamic_shared = (u8*)__builtin_aligned_alloc(128, dynamic_capacity);
  }
  dl_iterate_phdr(find_static_shared, static_anchor);
  for (int i = 0; i < thread_count; i++) {
    threads[i].index = {i % block.x, i / block.x % block.y, i / (block.x * block.y)};
  }
  return true;
}

static u64 common_divisor(u64 a, u64 b) { return b == 0 ? a : common_divisor(b, a % b); }

static int run(Launch* what, void (*kernel)()) {
  launch = what;
  body = kernel;
  failed = false;
  random_state = (what->seed + 1) * 0x9e3779b97f4a7c15ull | 1;
  if (!prepare()) {
    return 1;
  }
  Index grid = what->grid;
  u64 blocks = (u64)grid.x * grid.y * grid.z;
  // A step without a common divisor reaches every block once.
  u64 step = 1 + random_below(blocks < 0xffffffff ? (u32)blocks : 0xffffffff);
  while (common_divisor(blocks, step) != 1) {
    step++;
  }
  u64 block = random_below((u32)blocks);
  for (u64 i = 0; i < blocks && !failed; i++) {
    block_index = {(unsigned)(block % grid.x), (unsigned)(block / grid.x % grid.y),
                   (unsigned)(block / grid.x / grid.y)};
    run_block();
    block = (block + step) % blocks;
  }
  return failed ? 1 : 0;
}

// Calls a kernel with the arguments that CUDA's array of pointers leads to.
template <class... Parameters>
struct Arguments {
  void (*kernel)(Parameters...);

  // Braces, unlike parentheses, take their operands from left to right.
  struct Call {
    Call(void (*kernel)(Parameters...), Parameters... values) { kernel(values...); }
  };

  struct Values {
    void** next;

    template <class T>
    T take() {
      return *(T*)*next++;
    }
  };

  void operator()() const {
    Values values{launch->parameters};
    Call{kernel, values.template take<Parameters>()...};
  }
};

template <class... Parameters>
static Arguments<Parameters...> arguments(void (*kernel)(Parameters...)) {
  return {kernel};
}

template <class... Parameters>
static Kernel describe(int (*run)(Launch*), int max_threads, void (*)(Parameters...)) {
  static const int bytes[] = {sizeof(Parameters)...};
  return {run, max_threads, sizeof...(Parameters), bytes};
}

// The launch bounds of a kernel, by the number of its place in the text.
template <int place>
struct Bounds;

}  // namespace emulation

#define threadIdx (::emulation::current->index)
#define blockIdx (::emulation::block_index)
#define blockDim (::emulation::launch->block)
#define gridDim (::emulation::launch->grid)

// Code for warpgroups runs where a text asks for it.
#define QC_WARPGROUPS 0
// As on the cards that have them, unless a text says otherwise.
#define QC_INT4_PRODUCTS 1
#define QC_DEVICE inline
#define QC_KERNEL(threads)                      \
  template <>                                   \
  struct emulation::Bounds<__COUNTER__> {       \
    static constexpr int max_threads = threads; \
  };                                            \
  extern "C" void
#define QC_KERNEL_OF(threads, blocks) QC_KERNEL(threads)
#define QC_DYNAMIC_SHARED(name) u8* const name = ::emulation::dynamic_shared
#define QC_SHARED static thread_local __attribute__((aligned(16)))
#define QC_REGISTER(name)                                                                            \
  extern "C" __attribute__((visibility("default"))) const emulation::Kernel name##__emulated =       \
      emulation::describe(                                                                           \
          [](emulation::Launch* what) {                                                              \
            return emulation::run(what, []() { emulation::arguments(name)(); });                     \
          },                                                                                         \
          emulation::Bounds<__COUNTER__ - 1>::max_threads, name);

struct bf16 {
  u16 bits;
};
struct f16 {
  u16 bits;
};

namespace emulation {

inline u32 bits_of(float x) {
  u32 bits;
  __builtin_memcpy(&bits, &x, 4);
  return bits;
}

inline float float_of(u32 bits) {
  float x;
  __builtin_memcpy(&x, &bits, 4);
  return x;
}

}  // namespace emulation

QC_DEVICE float to_float(float x) { return x; }
QC_DEVICE float to_float(bf16 x) { return emulation::float_of((u32)x.bits << 16); }
QC_DEVICE float to_float(s8 x) { return (float)x; }
QC_DEVICE float float_of_bits(int bits) { return emulation::float_of((u32)bits); }
QC_DEVICE float to_float(f16 x) {
  u32 sign = (u32)(x.bits & 0x8000) << 16;
  u32 exponent = x.bits >> 10 & 31;
  u32 fraction = x.bits & 0x3ff;
  if (exponent == 0) {
    float small = (float)fraction * 0x1p-24f;
    return sign != 0 ? -small : small;
  }
  return emulation::float_of(sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13);
}

// Rounds to the nearest, halves to even; every NaN becomes the one that a GPU gives.
template <class T>
struct Rounded;
template <>
struct Rounded<float> {
  static QC_DEVICE float of(float x) { return x; }
};
template <>
struct Rounded<bf16> {
  static QC_DEVICE bf16 of(float x) {
    u32 bits = emulation::bits_of(x);
    return x != x ? bf16{0x7fff} : bf16{(u16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
  }
};
template <>
struct Rounded<f16> {
  static QC_DEVICE f16 of(float x) {
    u32 bits = emulation::bits_of(x);
    u32 sign = bits >> 16 & 0x8000;
    u32 size = bits & 0x7fffffff;
    if (x != x) {
      return {0x7fff};
    }
    if (size >= 0x477ff000) {  // 65520, halfway to what would be 65536
      return {(u16)(sign | 0x7c00)};
    }
    if (size < 0x38800000) {  // below 2^-14: adding 0.5 leaves units of 2^-24
      return {(u16)(sign | (emulation::bits_of(emulation::float_of(size) + 0.5f) - 0x3f000000))};
    }
    return {(u16)(sign | (size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13)};
  }
};
template <class T>
QC_DEVICE T rounded(float x) {
  return Rounded<T>::of(x);
}

QC_DEVICE u32 pair_bf16(float low, float high) {
  return rounded<bf16>(low).bits | (u32)rounded<bf16>(high).bits << 16;
}

// As the GPU converts: the range is kept, not a number becomes 0.
QC_DEVICE int nearest(float x) {
  if (x != x) {
    return 0;
  }
  if (x >= 0x1p31f) {
    return 0x7fffffff;
  }
  return x <= -0x1p31f ? -0x7fffffff - 1 : (int)__builtin_rintf(x);
}

QC_DEVICE float add_rn(float a, float b) { return a + b; }
QC_DEVICE float sub_rn(float a, float b) { return a - b; }
QC_DEVICE float mul_rn(float a, float b) { return a * b; }
QC_DEVICE float div_rn(float a, float b) { return a / b; }
QC_DEVICE float fma_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
QC_DEVICE float root(float x) { return __builtin_sqrtf(x); }
// Of a number and no number, the number; of two zeros, the negative one.
QC_DEVICE float smaller(float a, float b) {
  if (a == b) {
    return emulation::float_of(emulation::bits_of(a) | emulation::bits_of(b));
  }
  return a < b || b != b ? a : b;
}
QC_DEVICE float larger(float a, float b) {
  if (a == b) {
    return emulation::float_of(emulation::bits_of(a) & emulation::bits_of(b));
  }
  return a > b || b != b ? a : b;
}
QC_DEVICE float magnitude(float x) { return __builtin_fabsf(x); }

QC_DEVICE float exp2_fast(float x) { return x < -126 ? 0 : __builtin_exp2f(x); }

QC_DEVICE float divide_fast(float a, float b) { return b > 0x1p126f || b < -0x1p126f ? 0 : a / b; }

QC_DEVICE u32 permute_bytes(u32 a, u32 b, u32 selector) {
  u64 bytes = (u64)b << 32 | a;
  u32 out = 0;
  for (int i = 0; i < 4; i++) {
    out |= (u32)(bytes >> 8 * (selector >> 4 * i & 7) & 255) << 8 * i;
  }
  return out;
}

QC_DEVICE int lane_index() { return threadIdx.x & 31; }
QC_DEVICE int warp_index() { return threadIdx.x >> 5; }

namespace emulation {

template <class T>
struct Shuffle {
  T value;
  T result;
  int lane;
};

template <class T>
static void exchange(void* const* operands) {
  for (int i = 0; i < WARP; i++) {
    Shuffle<T>* to = (Shuffle<T>*)operands[i];
    to->result = ((Shuffle<T>*)operands[to->lane & (WARP - 1)])->value;
  }
}

static inline void gather(void* const*) {}

struct Matrices {
  const void* row;
  u32* out;
};

static void load_rows(void* const* operands) {
  for (int matrix = 0; matrix < 4; matrix++) {
    for (int lane = 0; lane < WARP; lane++) {
      const u32* row = (const u32*)((Matrices*)operands[matrix * 8 + lane / 4])->row;
      ((Matrices*)operands[lane])->out[matrix] = row[lane % 4];
    }
  }
}

// A lane gets two elements of one column: of rows 2 (lane mod 4) and the next, in column lane / 4.
static void load_columns(void* const* operands) {
  for (int matrix = 0; matrix < 4; matrix++) {
    for (int lane = 0; lane < WARP; lane++) {
      const u16* low = (const u16*)((Matrices*)operands[matrix * 8 + lane % 4 * 2])->row;
      const u16* high = (const u16*)((Matrices*)operands[matrix * 8 + lane % 4 * 2 + 1])->row;
      ((Matrices*)operands[lane])->out[matrix] = low[lane / 4] | (u32)high[lane / 4] << 16;
    }
  }
}

template <class C>
struct Product {
  C* c;
  const u32* a;
  const u32* b;
};

// Fragments of m16n8k16: a lane holds rows lane / 4 and 8 below, columns 2 (lane mod 4) and 8 to the right.
template <class T>
static void multiply_floats(void* const* operands) {
  float a[16][16];
  float b[8][16];
  for (int lane = 0; lane < WARP; lane++) {
    Product<float>* from = (Product<float>*)operands[lane];
    int row = lane / 4;
    int column = lane % 4 * 2;
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < 4; i++) {
        a[row + i % 2 * 8][column + i / 2 * 8 + half] = to_float(T{(u16)(from->a[i] >> 16 * half)});
      }
      for (int i = 0; i < 2; i++) {
        b[row][column + i * 8 + half] = to_float(T{(u16)(from->b[i] >> 16 * half)});
      }
    }
  }
  for (int lane = 0; lane < WARP; lane++) {
    Product<float>* to = (Product<float>*)operands[lane];
    for (int i = 0; i < 4; i++) {
      const float* x = a[lane / 4 + i / 2 * 8];
      const float* y = b[lane % 4 * 2 + i % 2];
      double sum = 0;
      for (int k = 0; k < 16; k++) {
        sum += (double)x[k] * y[k];
      }
      to->c[i] = (float)(to->c[i] + sum);
    }
  }
}

// Fragments of m16n8k32: four bytes take the place of two halves.
template <class Left>
static void multiply_bytes(void* const* operands) {
  Left a[16][32];
  s8 b[8][32];
  for (int lane = 0; lane < WARP; lane++) {
    Product<int>* from = (Product<int>*)operands[lane];
    for (int i = 0; i < 4; i++) {
      __builtin_memcpy(&a[lane / 4 + i % 2 * 8][lane % 4 * 4 + i / 2 * 16], &from->a[i], 4);
    }
    for (int i = 0; i < 2; i++) {
      __builtin_memcpy(&b[lane / 4][lane % 4 * 4 + i * 16], &from->b[i], 4);
    }
  }
  for (int lane = 0; lane < WARP; lane++) {
    Product<int>* to = (Product<int>*)operands[lane];
    for (int i = 0; i < 4; i++) {
      const Left* x = a[lane / 4 + i / 2 * 8];
      const s8* y = b[lane % 4 * 2 + i % 2];
      int sum = 0;
      for (int k = 0; k < 32; k++) {
        sum += x[k] * y[k];
      }
      to->c[i] += sum;
    }
  }
}

// Fragments of m16n8k64: a word is eight values of 4 bits, the first in its lowest.
static void multiply_halves_of_bytes(void* const* operands) {
  int a[16][64];
  int b[8][64];
  for (int lane = 0; lane < WARP; lane++) {
    Product<int>* from = (Product<int>*)operands[lane];
    for (int k = 0; k < 8; k++) {
      for (int i = 0; i < 4; i++) {
        a[lane / 4 + i % 2 * 8][lane % 4 * 8 + i / 2 * 32 + k] = from->a[i] >> 4 * k & 15;
      }
      for (int i = 0; i < 2; i++) {
        int value = from->b[i] >> 4 * k & 15;
        b[lane / 4][lane % 4 * 8 + i * 32 + k] = value < 8 ? value : value - 16;
      }
    }
  }
  for (int lane = 0; lane < WARP; lane++) {
    Product<int>* to = (Product<int>*)operands[lane];
    for (int i = 0; i < 4; i++) {
      const int* x = a[lane / 4 + i / 2 * 8];
      const int* y = b[lane % 4 * 2 + i % 2];
      int sum = 0;
      for (int k = 0; k < 64; k++) {
        sum += x[k] * y[k];
      }
      to->c[i] += sum;
    }
  }
}

}  // namespace emulation

template <class T>
QC_DEVICE T shuffle(T value, int lane) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 4 or 8 bytes");
  emulation::Shuffle<T> operands{value, value, lane};
  emulation::collective(emulation::exchange<T>, &operands);
  return operands.result;
}
template <class T>
QC_DEVICE T shuffle_xor(T value, int mask) {
  return shuffle(value, lane_index() ^ mask);
}
QC_DEVICE void sync_block() { emulation::leave(emulation::State::BARRIER); }
QC_DEVICE void sync_warp() { emulation::collective(emulation::gather, nullptr); }

// A GPU may finish a copy at any time until it is waited for; a quarter of them finishes at once, the others then.
QC_DEVICE void copy_async(void* shared, const void* global, bool valid) {
  emulation::check_shared("copy_async", shared);
  if (valid && ((u64)global & 15) != 0) {
    emulation::fail("copy_async: source %p is not aligned to 16 bytes (block %u, thread %u)", global, blockIdx.x,
                    threadIdx.x);
  }
  emulation::Copy copy{shared, global, valid ? emulation::Copy::BYTES : emulation::Copy::ZEROS,
                       emulation::current->open_group};
  if (emulation::random_below(4) == 0) {
    emulation::arrive(copy);
  } else {
    emulation::enqueue(copy);
  }
}
QC_DEVICE void copy_commit() { emulation::current->open_group++; }
template <int pending>
QC_DEVICE void copy_wait() {
  emulation::finish_groups_before(emulation::current->open_group - pending);
}

QC_DEVICE void load_matrices(u32 (&out)[4], const void* row) {
  emulation::check_shared("load_matrices", row);
  emulation::Matrices operands{row, out};
  emulation::collective(emulation::load_rows, &operands);
}
QC_DEVICE void load_matrices_transposed(u32 (&out)[4], const void* row) {
  emulation::check_shared("load_matrices_transposed", row);
  emulation::Matrices operands{row, out};
  emulation::collective(emulation::load_columns, &operands);
}

QC_DEVICE void multiply_bf16(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  emulation::Product<float> operands{c, a, b};
  emulation::collective(emulation::multiply_floats<bf16>, &operands);
}
QC_DEVICE void multiply_bf16_half(float (&c)[4], const u32 (&a)[2], u32 b) {
  multiply_bf16(c, {a[0], a[1], 0, 0}, {b, 0});
}
QC_DEVICE void multiply_f16(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  emulation::Product<float> operands{c, a, b};
  emulation::collective(emulation::multiply_floats<f16>, &operands);
}
QC_DEVICE void multiply_u8s8(int (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  emulation::Product<int> operands{c, a, b};
  emulation::collective(emulation::multiply_bytes<u8>, &operands);
}
QC_DEVICE void multiply_s8(int (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  emulation::Product<int> operands{c, a, b};
  emulation::collective(emulation::multiply_bytes<s8>, &operands);
}
QC_DEVICE void multiply_u4s4(int (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  emulation::Product<int> operands{c, a, b};
  emulation::collective(emulation::multiply_halves_of_bytes, &operands);
}

// Numbers of addresses begin where a tile that must lie at a multiple of more than 128 bytes does not.
constexpr u32 FIRST_SHARED_ADDRESS = 3 * 128;
QC_DEVICE u32 shared_address(const void* shared) {
  return FIRST_SHARED_ADDRESS + (u32)((const u8*)shared - emulation::dynamic_shared);
}

QC_DEVICE void barrier_start(u64* barrier, int count) {
  *(emulation::Barrier*)barrier = {(u16)count, (u16)count, 0, 0};
  emulation::barriers_fenced = false;
}
QC_DEVICE void barrier_arrive(u64* barrier) { emulation::arrive((emulation::Barrier*)barrier); }
QC_DEVICE void copy_arrive(u64* barrier) {
  emulation::enqueue({barrier, nullptr, emulation::Copy::ARRIVAL, emulation::current->open_group});
}

QC_DEVICE void barrier_expect(u64* barrier, int bytes) {
  ((emulation::Barrier*)barrier)->bytes_missing += bytes;
  emulation::arrive((emulation::Barrier*)barrier);
}
// A quarter of the copies comes at once. Of what lay where the others will, nothing is left.
QC_DEVICE void copy_bulk(void* shared, const void* global, int bytes, u64* barrier) {
  emulation::check_shared("copy_bulk", shared, bytes);
  if (!emulation::in_shared(barrier, sizeof(*barrier))) {
    emulation::fail("copy_bulk: barrier %p is not in shared memory (block %u, thread %u)", barrier, blockIdx.x,
                    threadIdx.x);
  }
  if (((u64)global & 15) != 0 || bytes <= 0 || bytes % 16 != 0) {
    emulation::fail("copy_bulk: %d bytes from %p are not whole pieces of 16 bytes (block %u, thread %u)", bytes, global,
                    blockIdx.x, threadIdx.x);
  }
  if (!emulation::barriers_fenced) {
    emulation::fail("copy_bulk needs shared_fence after barrier_start (block %u, thread %u)", blockIdx.x, threadIdx.x);
  }
  emulation::BulkCopy copy{shared, global, bytes, (emulation::Barrier*)barrier};
  if (emulation::random_below(4) == 0) {
    emulation::arrive(copy);
    return;
  }
  if (emulation::bulk_copy_count == emulation::MOST_BULK_COPIES) {
    emulation::fail("copy_bulk: more than %d copies are under way (block %u)", emulation::MOST_BULK_COPIES, blockIdx.x);
  }
  __builtin_memset(shared, emulation::POISON, bytes);
  emulation::bulk_copies[emulation::bulk_copy_count++] = copy;
}

namespace emulation {

inline float to_number(bf16 x) { return to_float(x); }
inline int to_number(int x) { return x; }

struct Poll {
  const Barrier* barrier;
  u32 parity;
  bool over;
};

static void poll(void* const* operands) {
  for (int lane = 0; lane < WARP; lane++) {
    Poll* each = (Poll*)operands[lane];
    each->over = each->barrier->parity != each->parity;
    if (!each->over) {
      idle_polls++;
    }
  }
  let_copies_arrive();
  let_bulk_copies_arrive();
}

// Fragments of 16 of the 64 rows and all 192 columns, of tiles as their descriptors say.
template <class A, class B, class Sum, class Total>
static void compute_tiles(const WarpgroupProduct& product) {
  constexpr int depth = 32 / sizeof(A);
  constexpr int columns = 192;
  static Total a[16][depth];
  static Total b[columns][depth];
  auto read = [](u64 descriptor, int row, int byte) {
    u32 start = (u32)(descriptor & 0x3fff) << 4;
    u32 stride = (u32)(descriptor >> 32 & 0x3fff) << 4;
    u32 place = start + row / 8 * stride + row % 8 * 128 + byte;
    u32 offset = (place ^ (place >> 7 & 7) << 4) - FIRST_SHARED_ADDRESS;
    if (offset >= launch->shared_bytes) {
      report("a tile of a warpgroup lies beside shared memory, at %u (block %u)", place, block_index.x);
      return (const u8*)dynamic_shared;
    }
    return (const u8*)dynamic_shared + offset;
  };
  for (int k = 0; k < depth; k++) {
    for (int row = 0; row < 16; row++) {
      a[row][k] = (Total)to_number(*(const A*)read(product.a, product.first_row + row, k * sizeof(A)));
    }
    for (int column = 0; column < columns; column++) {
      b[column][k] = (Total)to_number(*(const B*)read(product.b, column, k * sizeof(B)));
    }
  }
  for (int lane = 0; lane < WARP; lane++) {
    Sum* sums = (Sum*)product.sums[lane];
    for (int i = 0; i < columns / 2; i++) {
      const Total* x = a[lane / 4 + i / 2 % 2 * 8];
      const Total* y = b[i / 4 * 8 + lane % 4 * 2 + i % 2];
      Total sum = 0;
      for (int k = 0; k < depth; k++) {
        sum += x[k] * y[k];
      }
      sums[i] = (Sum)(sums[i] + sum);
    }
  }
}

struct WarpgroupOperands {
  void* sums;
  u64 a;
  u64 b;
};

// Those of the warp that runs.
static inline WarpgroupProducts& current_products() { return products_of_warp[current->index.x / WARP]; }

static inline bool is_swizzled(u64 descriptor) { return descriptor >> 62 == 1 && (descriptor >> 49 & 7) == 0; }

template <class A, class B, class Sum, class Total>
static void begin_product(void* const* operands) {
  WarpgroupProducts& products = current_products();
  const WarpgroupOperands& first = *(const WarpgroupOperands*)operands[0];
  const char* missing = !is_swizzled(first.a) || !is_swizzled(first.b) ? "tiles of rows of 128 swizzled bytes"
                        : !products.sums_fenced                        ? "warpgroup_fence"
                        : !products.shared_fenced                      ? "shared_fence"
                        : products.count == MOST_PRODUCTS              ? "warpgroup_wait"
                                                                       : nullptr;
  if (missing != nullptr) {
    report("warpgroup_multiply needs %s before it (block %u, warp %u)", missing, block_index.x,
           current->index.x / WARP);
    return;
  }
  WarpgroupProduct& product = products.pending[products.count++];
  product = {compute_tiles<A, B, Sum, Total>, {}, first.a, first.b, (int)current->index.x / WARP % 4 * 16,
             products.open_group};
  for (int lane = 0; lane < WARP; lane++) {
    product.sums[lane] = ((const WarpgroupOperands*)operands[lane])->sums;
  }
  // A card may compute it at any time from now on.
  if (random_below(4) == 0) {
    compute_groups_before(products, products.open_group + 1);
  }
}

static void fence_sums(void* const*) { current_products().sums_fenced = true; }
static void commit_products(void* const*) { current_products().open_group++; }

template <int pending>
static void wait_for_products(void* const*) {
  WarpgroupProducts& products = current_products();
  compute_groups_before(products, products.open_group - pending);
  products.sums_fenced = false;
}

}  // namespace emulation

QC_DEVICE void barrier_wait(u64* barrier, int parity) {
  emulation::Poll operands{(const emulation::Barrier*)barrier, (u32)parity, false};
  for (;;) {
    emulation::collective(emulation::poll, &operands);
    if (operands.over) {
      emulation::current_products().shared_fenced = false;
      return;
    }
    if (emulation::idle_polls > emulation::MOST_IDLE_POLLS) {
      emulation::fail("nothing arrives at a barrier that threads wait for (block %u, thread %u): it lacks %d arrivals and %d "
                      "bytes",
                      blockIdx.x, threadIdx.x, operands.barrier->missing, operands.barrier->bytes_missing);
    }
  }
}

QC_DEVICE void shared_fence() {
  emulation::current_products().shared_fenced = true;
  emulation::barriers_fenced = true;
}
QC_DEVICE void warpgroup_fence() { emulation::collective(emulation::fence_sums, nullptr); }
QC_DEVICE void warpgroup_commit() { emulation::collective(emulation::commit_products, nullptr); }
template <int pending>
QC_DEVICE void warpgroup_wait() {
  emulation::collective(emulation::wait_for_products<pending>, nullptr);
}
template <int count>
QC_DEVICE void fewer_registers() {}
template <int count>
QC_DEVICE void more_registers() {}
QC_DEVICE void warpgroup_multiply(float (&c)[24][4], u64 a, u64 b) {
  emulation::WarpgroupOperands operands{c, a, b};
  emulation::collective(emulation::begin_product<bf16, bf16, float, double>, &operands);
}
QC_DEVICE void warpgroup_multiply(int (&c)[24][4], u64 a, u64 b) {
  emulation::WarpgroupOperands operands{c, a, b};
  emulation::collective(emulation::begin_product<u8, s8, int, int>, &operands);
}
