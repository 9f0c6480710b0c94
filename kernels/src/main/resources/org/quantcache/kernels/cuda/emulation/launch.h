// What the stand-in driver and the kernels that it runs agree on.
#pragma once

namespace emulation {

struct Index {
  unsigned x, y, z;
};

struct Launch {
  Index grid;
  Index block;
  unsigned long long shared_bytes;
  void** parameters;
  // Decides about everything that a GPU leaves open.
  unsigned long long seed;
  // Why the launch failed.
  char message[256];
};

// The variable NAME__emulated of a module describes its kernel NAME.
struct Kernel {
  // 0, or 1 with a message.
  int (*run)(Launch*);
  int max_threads;
  int parameter_count;
  const int* parameter_bytes;
};

}  // namespace emulation
