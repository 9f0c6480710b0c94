package org.quantcache.codegen.tir;

/**
 * What is fixed of a kernel when a program is compiled, on any device. Equal forms are one kernel: forms are records, and
 * the name of the function says everything that the record holds.
 */
public interface KernelForm {
  /** Name of the function, unique for the content of the form. */
  String functionName();
}
