package org.quantcache.codegen.tir;

/** A kernel that is written in TVM's tensor IR. */
public interface KernelSpec extends KernelForm {
  /** Writes the kernel for a target. */
  void emit(KernelBuilder kernel, CpuTarget target);

  /** Scratch memory that each worker needs, in bytes. */
  default long workspaceBytes(CpuTarget target) {
    return 0;
  }
}
