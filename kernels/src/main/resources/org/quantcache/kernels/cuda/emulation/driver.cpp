// Stands in for libcuda.so.1 where no GPU is: device memory is memory of the process, modules are shared libraries that
// were compiled with host.h. What CUDA does later is done later here as well: a stream keeps its work until somebody
// waits for it, so that a missing wait shows. Writes beside an allocation are found after every kernel.
#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "launch.h"

namespace {

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  LAUNCH_FAILED = 719,
  STREAM_CAPTURE_UNSUPPORTED = 900,
};

struct Name {
  int code;
  const char* name;
  const char* text;
};

const Name NAMES[] = {
    {SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
};

constexpr size_t ALIGNMENT = 256;
constexpr size_t GUARD_BYTES = 256;
constexpr unsigned char GUARD = 0x5A;
constexpr unsigned char POISON = 0xCD;
constexpr size_t MAX_QUEUE = 1024;
constexpr int SHARED_BYTES = 48 << 10;

// What is counted, in the order of DriverCounter.
enum Counter { LAUNCHES, GRAPH_LAUNCHES, COPIES, WAITS, EVENT_WAITS, LIVE, COUNTERS };

typedef unsigned long long Address;
typedef std::function<Result()> Work;

struct Stream {
  bool blocking = true;
  bool capturing = false;
  std::deque<Work> queue;
  std::vector<Work> captured;
};

struct Event {
  // How often it was recorded, and how often a stream has come to it.
  long long recorded = 0;
  long long reached = 0;
  Stream* stream = nullptr;
  std::chrono::steady_clock::time_point time;
};

struct Graph {
  std::vector<Work> work;
};

struct Module;

struct Function {
  std::string name;
  Module* module;
  const emulation::Kernel* kernel;
  int max_shared_bytes = SHARED_BYTES;
};

struct Module {
  void* library;
  int file;
  std::map<std::string, Function> functions;
};

std::recursive_mutex mutex;
bool initialized = false;
int context_users = 0;
thread_local bool context_is_current = false;
size_t capacity = 4ull << 30;
int driver_version = 12060;
int compute_capability = 80;
// Shared memory of a block that asks for it.
int shared_bytes_on_request() { return (compute_capability < 90 ? 163 : 227) << 10; }
size_t used = 0;
Address seed = 0;
Address launches = 0;
long long counters[COUNTERS] = {};
// The failure that every call reports until the context is gone, as on a GPU.
Result failure = SUCCESS;
std::string failure_text;
std::map<Address, size_t> allocations;
std::map<uintptr_t, size_t> pinned;
Stream default_stream;
std::set<Stream*> streams;

Result fail(Result code, const std::string& text) {
  if (failure == SUCCESS) {
    failure = code;
    failure_text = text;
  }
  return failure;
}

template <class Memory, class Key>
bool holds(const Memory& memory, Key address, size_t bytes) {
  auto next = memory.upper_bound(address);
  if (next == memory.begin()) {
    return false;
  }
  auto [start, size] = *--next;
  return address - start <= size && bytes <= size - (address - start);
}

bool on_device(Address address, size_t bytes) { return holds(allocations, address, bytes); }
bool is_pinned(const void* address, size_t bytes) { return holds(pinned, (uintptr_t)address, bytes); }

bool is_intact(Address start, size_t bytes) {
  for (size_t i = 0; i < GUARD_BYTES; i++) {
    if (((unsigned char*)start)[bytes + i] != GUARD || ((unsigned char*)start)[i - GUARD_BYTES] != GUARD) {
      return false;
    }
  }
  return true;
}

Result check_guards(const std::string& kernel) {
  for (auto [start, bytes] : allocations) {
    if (!is_intact(start, bytes)) {
      return fail(ILLEGAL_ADDRESS,
                  kernel + " writes outside of an allocation of " + std::to_string(bytes) + " bytes");
    }
  }
  return SUCCESS;
}

Result run_first(Stream* stream) {
  Work work = std::move(stream->queue.front());
  stream->queue.pop_front();
  return failure != SUCCESS ? failure : work();
}

Result drain(Stream* stream) {
  while (!stream->queue.empty()) {
    run_first(stream);
  }
  return failure;
}

Result drain_blocking() {
  drain(&default_stream);
  for (Stream* stream : streams) {
    if (stream->blocking) {
      drain(stream);
    }
  }
  return failure;
}

Result drain_all() {
  drain(&default_stream);
  for (Stream* stream : streams) {
    drain(stream);
  }
  return failure;
}

bool capturing() {
  for (Stream* stream : streams) {
    if (stream->capturing) {
      return true;
    }
  }
  return false;
}

Stream* stream_of(void* handle) { return handle == nullptr ? &default_stream : (Stream*)handle; }

Result ready() {
  if (!initialized) {
    return NOT_INITIALIZED;
  }
  if (failure != SUCCESS) {
    return failure;
  }
  return context_is_current && context_users > 0 ? SUCCESS : INVALID_CONTEXT;
}

Result enqueue(void* handle, Work work) {
  Stream* stream = stream_of(handle);
  if (stream != &default_stream && streams.count(stream) == 0) {
    return INVALID_HANDLE;
  }
  if (stream->capturing) {
    stream->captured.push_back(std::move(work));
    return SUCCESS;
  }
  // The default stream and the blocking ones wait for each other.
  if (stream == &default_stream) {
    for (Stream* other : streams) {
      if (other->blocking) {
        drain(other);
      }
    }
  } else if (stream->blocking) {
    drain(&default_stream);
  }
  stream->queue.push_back(std::move(work));
  if (stream->queue.size() > MAX_QUEUE) {
    run_first(stream);
  }
  return SUCCESS;
}

Result copy_now(void* to, const void* from, size_t bytes) {
  counters[COPIES]++;
  counters[WAITS]++;
  Result result = drain_blocking();
  if (result == SUCCESS) {
    memmove(to, from, bytes);
  }
  return result;
}

// Memory of the host that is not pinned may be gone later, so CUDA is through with it when the call returns.
Result copy_later(void* to, const void* from, size_t bytes, bool host_is_pinned, void* stream) {
  auto copy = [=] {
    memmove(to, from, bytes);
    return SUCCESS;
  };
  if (!host_is_pinned && stream_of(stream)->capturing) {
    return STREAM_CAPTURE_UNSUPPORTED;
  }
  counters[COPIES]++;
  counters[WAITS] += host_is_pinned ? 0 : 1;
  Result result = enqueue(stream, copy);
  return result == SUCCESS && !host_is_pinned ? drain(stream_of(stream)) : result;
}

template <class T>
Result fill(Address to, T value, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ((T*)to)[i] = value;
  }
  return SUCCESS;
}

struct PreparedLaunch {
  Function* function;
  emulation::Index grid;
  emulation::Index block;
  unsigned shared_bytes;
  std::vector<std::vector<unsigned char>> values;

  Result operator()() {
    std::vector<void*> parameters;
    for (auto& value : values) {
      parameters.push_back(value.data());
    }
    emulation::Launch launch{grid, block, shared_bytes, parameters.data(), seed + launches++, ""};
    if (function->kernel->run(&launch) != 0) {
      return fail(LAUNCH_FAILED, function->name + ": " + launch.message);
    }
    return check_guards(function->name);
  }
};

// A module's size is not given; the table of sections is the last part of a linked library.
size_t image_bytes(const Elf64_Ehdr* header) {
  return header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
}

Result load(void** handle, const void* image) {
  if (memcmp(image, ELFMAG, SELFMAG) != 0) {
    return INVALID_IMAGE;
  }
  const Elf64_Ehdr* header = (const Elf64_Ehdr*)image;
  if (header->e_machine != EM_X86_64) {
    return NO_BINARY_FOR_GPU;
  }
  int file = memfd_create("module", MFD_CLOEXEC);
  size_t bytes = image_bytes(header);
  for (size_t done = 0; done < bytes;) {
    ssize_t count = write(file, (const char*)image + done, bytes - done);
    if (count <= 0) {
      close(file);
      return INVALID_IMAGE;
    }
    done += count;
  }
  // The file stays open as long as the module, so no two modules have one path.
  void* library = dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    close(file);
    return INVALID_IMAGE;
  }
  *handle = new Module{library, file, {}};
  counters[LIVE]++;
  return SUCCESS;
}

const Name* name_of(int code) {
  for (const Name& name : NAMES) {
    if (name.code == code) {
      return &name;
    }
  }
  return nullptr;
}

}  // namespace

#define ENTRY extern "C" __attribute__((visibility("default"))) int
#define LOCKED std::lock_guard<std::recursive_mutex> lock(mutex)
// Every call that needs a context begins with this.
#define READY                                        \
  LOCKED;                                            \
  if (Result result = ready(); result != SUCCESS) {  \
    return result;                                   \
  }
#define REQUIRE(condition, code) \
  if (!(condition)) {            \
    return code;                 \
  }

ENTRY cuInit(unsigned) {
  LOCKED;
  initialized = true;
  return SUCCESS;
}
ENTRY cuDriverGetVersion(int* version) {
  *version = driver_version;
  return SUCCESS;
}
ENTRY cuGetErrorName(int code, const char** out) {
  const Name* name = name_of(code);
  *out = name == nullptr ? nullptr : name->name;
  return name == nullptr ? INVALID_VALUE : SUCCESS;
}
// Tells more about the failure of a kernel than CUDA does.
ENTRY cuGetErrorString(int code, const char** out) {
  LOCKED;
  const Name* name = name_of(code);
  *out = name == nullptr ? nullptr : code != SUCCESS && code == failure ? failure_text.c_str() : name->text;
  return name == nullptr ? INVALID_VALUE : SUCCESS;
}

ENTRY cuDeviceGetCount(int* count) {
  *count = 1;
  return initialized ? SUCCESS : NOT_INITIALIZED;
}
ENTRY cuDeviceGet(int* device, int ordinal) {
  REQUIRE(initialized, NOT_INITIALIZED);
  REQUIRE(ordinal == 0, INVALID_DEVICE);
  *device = 0;
  return SUCCESS;
}
ENTRY cuDeviceGetName(char* name, int bytes, int) {
  snprintf(name, bytes, "emulated device");
  return SUCCESS;
}
ENTRY cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = capacity;
  return SUCCESS;
}
ENTRY cuDeviceGetAttribute(int* value, int attribute, int) {
  static const std::map<int, int> values = {
      {1, 1024},                       // threads of a block
      {2, 1024},                       // block x
      {3, 1024},                       // block y
      {4, 64},                         // block z
      {5, 0x7fffffff},                 // grid x
      {6, 65535},                      // grid y
      {7, 65535},                      // grid z
      {8, SHARED_BYTES},               // shared memory of a block
      {10, 32},                        // lanes of a warp
      {13, 1000000},                   // clock in kHz
      {16, 1},                         // multiprocessors
  };
  if (attribute == 97) {
    *value = shared_bytes_on_request();
    return SUCCESS;
  }
  if (attribute == 75 || attribute == 76) {  // compute capability
    *value = attribute == 75 ? compute_capability / 10 : compute_capability % 10;
    return SUCCESS;
  }
  auto found = values.find(attribute);
  *value = found == values.end() ? 0 : found->second;
  return SUCCESS;
}

namespace {

Result release_context() {
  REQUIRE(context_users > 0, INVALID_CONTEXT);
  drain_all();
  if (--context_users == 0) {
    failure = SUCCESS;
    for (Stream* stream : streams) {
      stream->queue.clear();
    }
    default_stream.queue.clear();
  }
  return SUCCESS;
}

Result retain_context(void** context) {
  REQUIRE(initialized, NOT_INITIALIZED);
  context_users++;
  *context = &context_users;
  return SUCCESS;
}

}  // namespace

ENTRY cuDevicePrimaryCtxRetain(void** context, int) {
  LOCKED;
  return retain_context(context);
}
ENTRY cuDevicePrimaryCtxRelease_v2(int) {
  LOCKED;
  return release_context();
}
ENTRY cuCtxCreate_v2(void** context, unsigned, int) {
  LOCKED;
  context_is_current = true;
  return retain_context(context);
}
ENTRY cuCtxDestroy_v2(void*) {
  LOCKED;
  return release_context();
}
ENTRY cuCtxSetCurrent(void* context) {
  context_is_current = context != nullptr;
  return SUCCESS;
}
ENTRY cuCtxGetCurrent(void** context) {
  *context = context_is_current ? &context_users : nullptr;
  return SUCCESS;
}
ENTRY cuCtxSynchronize() {
  READY;
  REQUIRE(!capturing(), STREAM_CAPTURE_UNSUPPORTED);
  counters[WAITS]++;
  return drain_all();
}

ENTRY cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
  READY;
  *free_bytes = capacity - used;
  *total = capacity;
  return SUCCESS;
}
ENTRY cuMemAlloc_v2(Address* out, size_t bytes) {
  READY;
  REQUIRE(bytes > 0, INVALID_VALUE);
  REQUIRE(bytes <= capacity && used <= capacity - bytes, OUT_OF_MEMORY);
  size_t whole = (bytes + 2 * GUARD_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  unsigned char* block = (unsigned char*)aligned_alloc(ALIGNMENT, whole);
  REQUIRE(block != nullptr, OUT_OF_MEMORY);
  memset(block, GUARD, GUARD_BYTES);
  memset(block + GUARD_BYTES, POISON, bytes);
  memset(block + GUARD_BYTES + bytes, GUARD, whole - GUARD_BYTES - bytes);
  *out = (Address)(block + GUARD_BYTES);
  allocations[*out] = bytes;
  used += bytes;
  counters[LIVE]++;
  return SUCCESS;
}
ENTRY cuMemFree_v2(Address address) {
  LOCKED;
  auto found = allocations.find(address);
  REQUIRE(found != allocations.end(), INVALID_VALUE);
  counters[WAITS]++;
  counters[LIVE]--;
  drain_all();
  bool intact = is_intact(address, found->second);
  used -= found->second;
  free((unsigned char*)address - GUARD_BYTES);
  allocations.erase(found);
  return intact ? failure : fail(ILLEGAL_ADDRESS, "something wrote outside of an allocation that is freed");
}
ENTRY cuMemHostAlloc(void** out, size_t bytes, unsigned) {
  READY;
  *out = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  REQUIRE(*out != nullptr, OUT_OF_MEMORY);
  memset(*out, POISON, bytes);
  pinned[(uintptr_t)*out] = bytes;
  counters[LIVE]++;
  return SUCCESS;
}
ENTRY cuMemAllocHost_v2(void** out, size_t bytes) { return cuMemHostAlloc(out, bytes, 0); }
ENTRY cuMemFreeHost(void* address) {
  LOCKED;
  REQUIRE(pinned.count((uintptr_t)address) == 1, INVALID_VALUE);
  counters[WAITS]++;
  counters[LIVE]--;
  drain_all();
  pinned.erase((uintptr_t)address);
  free(address);
  return SUCCESS;
}

ENTRY cuMemcpyHtoD_v2(Address to, const void* from, size_t bytes) {
  READY;
  REQUIRE(on_device(to, bytes), INVALID_VALUE);
  return copy_now((void*)to, from, bytes);
}
ENTRY cuMemcpyDtoH_v2(void* to, Address from, size_t bytes) {
  READY;
  REQUIRE(on_device(from, bytes), INVALID_VALUE);
  return copy_now(to, (const void*)from, bytes);
}
ENTRY cuMemcpyDtoD_v2(Address to, Address from, size_t bytes) {
  READY;
  REQUIRE(on_device(to, bytes) && on_device(from, bytes), INVALID_VALUE);
  return copy_now((void*)to, (const void*)from, bytes);
}
ENTRY cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void* stream) {
  READY;
  REQUIRE(on_device(to, bytes), INVALID_VALUE);
  return copy_later((void*)to, from, bytes, is_pinned(from, bytes), stream);
}
ENTRY cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void* stream) {
  READY;
  REQUIRE(on_device(from, bytes), INVALID_VALUE);
  return copy_later(to, (const void*)from, bytes, is_pinned(to, bytes), stream);
}
ENTRY cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void* stream) {
  READY;
  REQUIRE(on_device(to, bytes) && on_device(from, bytes), INVALID_VALUE);
  return copy_later((void*)to, (const void*)from, bytes, true, stream);
}
ENTRY cuMemsetD8Async(Address to, unsigned char value, size_t count, void* stream) {
  READY;
  REQUIRE(on_device(to, count), INVALID_VALUE);
  counters[COPIES]++;
  return enqueue(stream, [=] { return fill(to, value, count); });
}
ENTRY cuMemsetD32Async(Address to, unsigned value, size_t count, void* stream) {
  READY;
  REQUIRE(on_device(to, 4 * count) && to % 4 == 0, INVALID_VALUE);
  counters[COPIES]++;
  return enqueue(stream, [=] { return fill(to, value, count); });
}
ENTRY cuMemsetD8_v2(Address to, unsigned char value, size_t count) {
  return cuMemsetD8Async(to, value, count, nullptr);
}
ENTRY cuMemsetD32_v2(Address to, unsigned value, size_t count) { return cuMemsetD32Async(to, value, count, nullptr); }

ENTRY cuStreamCreate(void** out, unsigned flags) {
  READY;
  Stream* stream = new Stream();
  stream->blocking = (flags & 1) == 0;
  streams.insert(stream);
  counters[LIVE]++;
  *out = stream;
  return SUCCESS;
}
ENTRY cuStreamDestroy_v2(void* handle) {
  LOCKED;
  Stream* stream = (Stream*)handle;
  REQUIRE(streams.count(stream) == 1, INVALID_HANDLE);
  counters[LIVE]--;
  drain(stream);
  streams.erase(stream);
  delete stream;
  return SUCCESS;
}
ENTRY cuStreamSynchronize(void* handle) {
  READY;
  Stream* stream = stream_of(handle);
  REQUIRE(stream == &default_stream || streams.count(stream) == 1, INVALID_HANDLE);
  REQUIRE(!stream->capturing, STREAM_CAPTURE_UNSUPPORTED);
  counters[WAITS]++;
  return drain(stream);
}
// Work goes on while somebody asks for it.
ENTRY cuStreamQuery(void* handle) {
  READY;
  Stream* stream = stream_of(handle);
  if (stream->queue.empty()) {
    return SUCCESS;
  }
  run_first(stream);
  return failure != SUCCESS ? failure : NOT_READY;
}

ENTRY cuEventCreate(void** out, unsigned) {
  READY;
  *out = new Event();
  counters[LIVE]++;
  return SUCCESS;
}
ENTRY cuEventDestroy_v2(void* handle) {
  LOCKED;
  counters[LIVE]--;
  drain_all();
  delete (Event*)handle;
  return SUCCESS;
}
ENTRY cuEventRecord(void* handle, void* stream) {
  READY;
  Event* event = (Event*)handle;
  event->stream = stream_of(stream);
  long long moment = ++event->recorded;
  return enqueue(stream, [event, moment] {
    event->reached = moment;
    event->time = std::chrono::steady_clock::now();
    return SUCCESS;
  });
}

namespace {

Result wait_for(Event* event, long long moment) {
  while (event->reached < moment && !event->stream->queue.empty()) {
    run_first(event->stream);
  }
  return failure;
}

}  // namespace

ENTRY cuEventSynchronize(void* handle) {
  READY;
  counters[EVENT_WAITS]++;
  return wait_for((Event*)handle, ((Event*)handle)->recorded);
}
ENTRY cuEventQuery(void* handle) {
  READY;
  Event* event = (Event*)handle;
  if (event->reached < event->recorded && !event->stream->queue.empty()) {
    run_first(event->stream);
    return failure != SUCCESS ? failure : NOT_READY;
  }
  return SUCCESS;
}
ENTRY cuEventElapsedTime(float* milliseconds, void* start, void* end) {
  READY;
  for (Event* event : {(Event*)start, (Event*)end}) {
    REQUIRE(event->reached == event->recorded, NOT_READY);
  }
  *milliseconds =
      std::chrono::duration<float, std::milli>(((Event*)end)->time - ((Event*)start)->time).count();
  return SUCCESS;
}
ENTRY cuStreamWaitEvent(void* stream, void* handle, unsigned) {
  READY;
  REQUIRE(!stream_of(stream)->capturing, STREAM_CAPTURE_UNSUPPORTED);
  Event* event = (Event*)handle;
  long long moment = event->recorded;
  return enqueue(stream, [event, moment] { return wait_for(event, moment); });
}

ENTRY cuModuleLoadData(void** module, const void* image) {
  READY;
  return load(module, image);
}
ENTRY cuModuleLoadDataEx(void** module, const void* image, unsigned, void*, void*) {
  return cuModuleLoadData(module, image);
}
ENTRY cuModuleUnload(void* handle) {
  LOCKED;
  counters[LIVE]--;
  drain_all();
  Module* module = (Module*)handle;
  dlclose(module->library);
  close(module->file);
  delete module;
  return SUCCESS;
}
ENTRY cuModuleGetFunction(void** out, void* handle, const char* name) {
  READY;
  Module* module = (Module*)handle;
  void* kernel = dlsym(module->library, (std::string(name) + "__emulated").c_str());
  REQUIRE(kernel != nullptr, NOT_FOUND);
  auto [place, added] = module->functions.try_emplace(name);
  if (added) {
    place->second.name = name;
    place->second.module = module;
    place->second.kernel = (const emulation::Kernel*)kernel;
  }
  *out = &place->second;
  return SUCCESS;
}
ENTRY cuFuncSetAttribute(void* handle, int attribute, int value) {
  READY;
  if (attribute == 8) {
    REQUIRE(value >= 0 && value <= shared_bytes_on_request(), INVALID_VALUE);
    ((Function*)handle)->max_shared_bytes = value;
  }
  return SUCCESS;
}
ENTRY cuFuncGetAttribute(int* value, int attribute, void* handle) {
  READY;
  Function* function = (Function*)handle;
  *value = attribute == 0 ? function->kernel->max_threads : attribute == 8 ? function->max_shared_bytes : 0;
  return SUCCESS;
}
ENTRY cuLaunchKernel(void* handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                     unsigned block_y, unsigned block_z, unsigned shared_bytes, void* stream, void** parameters,
                     void** extra) {
  READY;
  Function* function = (Function*)handle;
  const emulation::Kernel& kernel = *function->kernel;
  size_t threads = (size_t)block_x * block_y * block_z;
  REQUIRE(grid_x > 0 && grid_y > 0 && grid_z > 0 && threads > 0 && threads <= 1024 && extra == nullptr, INVALID_VALUE);
  REQUIRE(grid_x <= 0x7fffffff && grid_y <= 65535 && grid_z <= 65535, INVALID_VALUE);
  REQUIRE((int)shared_bytes <= function->max_shared_bytes || shared_bytes <= SHARED_BYTES, INVALID_VALUE);
  REQUIRE((int)threads <= kernel.max_threads, LAUNCH_OUT_OF_RESOURCES);
  PreparedLaunch launch{function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, {}};
  for (int i = 0; i < kernel.parameter_count; i++) {
    unsigned char* value = (unsigned char*)parameters[i];
    launch.values.emplace_back(value, value + kernel.parameter_bytes[i]);
  }
  counters[LAUNCHES]++;
  return enqueue(stream, launch);
}

ENTRY cuStreamBeginCapture_v2(void* handle, int) {
  READY;
  Stream* stream = (Stream*)handle;
  REQUIRE(streams.count(stream) == 1 && !stream->capturing, STREAM_CAPTURE_UNSUPPORTED);
  stream->capturing = true;
  stream->captured.clear();
  return SUCCESS;
}
ENTRY cuStreamEndCapture(void* handle, void** graph) {
  READY;
  Stream* stream = (Stream*)handle;
  REQUIRE(streams.count(stream) == 1 && stream->capturing, INVALID_VALUE);
  stream->capturing = false;
  *graph = new Graph{std::move(stream->captured)};
  counters[LIVE]++;
  stream->captured.clear();
  return SUCCESS;
}
ENTRY cuGraphInstantiateWithFlags(void** out, void* graph, unsigned long long) {
  READY;
  *out = new Graph(*(Graph*)graph);
  counters[LIVE]++;
  return SUCCESS;
}
ENTRY cuGraphLaunch(void* handle, void* stream) {
  READY;
  counters[GRAPH_LAUNCHES]++;
  std::vector<Work> work = ((Graph*)handle)->work;
  return enqueue(stream, [work] {
    for (const Work& step : work) {
      Result result = step();
      if (result != SUCCESS) {
        return result;
      }
    }
    return SUCCESS;
  });
}
ENTRY cuGraphDestroy(void* handle) {
  LOCKED;
  counters[LIVE]--;
  delete (Graph*)handle;
  return SUCCESS;
}
ENTRY cuGraphExecDestroy(void* handle) {
  LOCKED;
  counters[LIVE]--;
  delete (Graph*)handle;
  return SUCCESS;
}

// Methods of EmulatedDriver.
extern "C" __attribute__((visibility("default"))) void
Java_org_quantcache_kernels_cuda_emulation_EmulatedDriver_setSeedOfDriver(void*, void*, long long value) {
  LOCKED;
  seed = (Address)value;
  launches = 0;
}
extern "C" __attribute__((visibility("default"))) void
Java_org_quantcache_kernels_cuda_emulation_EmulatedDriver_setCapacityOfDriver(void*, void*, long long bytes) {
  LOCKED;
  capacity = (size_t)bytes;
}
extern "C" __attribute__((visibility("default"))) void
Java_org_quantcache_kernels_cuda_emulation_EmulatedDriver_setVersionsOfDriver(
    void*, void*, int driver, int capability) {
  LOCKED;
  driver_version = driver;
  compute_capability = capability;
}
extern "C" __attribute__((visibility("default"))) long long
Java_org_quantcache_kernels_cuda_emulation_EmulatedDriver_countOfDriver(void*, void*, int counter) {
  LOCKED;
  return counters[counter];
}
