// Stands in for NVRTC of CUDA 12: its code is the options and the source, so that a test sees what arrives.
#include <dlfcn.h>

#include <cstring>
#include <string>

struct Program {
  std::string source, code, log;
};

static int copy(const std::string& text, char* to) {
  std::memcpy(to, text.c_str(), text.size() + 1);
  return 0;
}

static int size(const std::string& text, size_t* bytes) {
  *bytes = text.size() + 1;
  return 0;
}

extern "C" {
int nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 6;
  return 0;
}

int nvrtcCreateProgram(Program** out, const char* source, const char* name, int headers, const char**, const char**) {
  *out = new Program{source, name, ""};
  return headers;
}

int nvrtcDestroyProgram(Program** program) {
  delete *program;
  return 0;
}

int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  // The real one looks for its builtins by this name, and finds those that the process holds.
  if (!dlopen("libnvrtc-builtins.so.12.6", RTLD_NOW | RTLD_NOLOAD)) return 7;
  if (program->source.find("broken") != std::string::npos) {
    program->log = "kernels.cu(1): warning: this\nkernels.cu(2): error: that\n";
    return 6;
  }
  for (int i = 0; i < count; i++) program->code += std::string(" ") + options[i];
  program->code += " " + program->source;
  program->log =
      "ptxas info    : Compiling entry function 'add' for 'sm_80'\n"
      "    0 bytes stack frame, 4 bytes spill stores, 0 bytes spill loads\n"
      "ptxas info    : Used 12 registers, used 0 barriers, 380 bytes cmem[0]\n";
  return 0;
}

int nvrtcGetProgramLogSize(Program* program, size_t* bytes) { return size(program->log, bytes); }
int nvrtcGetProgramLog(Program* program, char* log) { return copy(program->log, log); }
int nvrtcGetPTXSize(Program* program, size_t* bytes) { return size(program->code, bytes); }
int nvrtcGetPTX(Program* program, char* ptx) { return copy(program->code, ptx); }
int nvrtcGetCUBINSize(Program* program, size_t* bytes) { return size(program->code, bytes); }
int nvrtcGetCUBIN(Program* program, char* code) { return copy(program->code, code); }
}
