package org.quantcache.codegen.tir;

/**
 * What distinguishes one kernel from another. Equal specs are one kernel: specs are records, and the name of the
 * function says everything that the record holds.
 */
public interface KernelSpec {
  /** Name of the function, unique for the content of the spec. */
  String functionName();

  /** Writes the kernel for a target. */
  void emit(KernelBuilder kernel, CpuTarget target);

  /** Scratch memory that each worker needs, in bytes. */
  default long workspaceBytes(CpuTarget target) {
    return 0;
  }
}
