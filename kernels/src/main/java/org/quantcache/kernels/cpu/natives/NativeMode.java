package org.quantcache.kernels.cpu.natives;

/** Which of TVM's two libraries a process needs; one process holds one of them. */
public enum NativeMode {
  /** The small library (5 MB, no LLVM): loads and runs kernels that were compiled ahead of time. */
  RUNTIME,
  /** The whole compiler with LLVM (about 290 MB on disk): does what {@link #RUNTIME} does and compiles. */
  COMPILER;

  /** Whether a process that holds this library can do the work of {@code wanted}. */
  public boolean covers(NativeMode wanted) {
    return this == COMPILER || wanted == RUNTIME;
  }
}
