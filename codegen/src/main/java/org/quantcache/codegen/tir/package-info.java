/**
 * Kernels and how they are compiled. A {@link org.quantcache.codegen.tir.KernelSpec} holds what is fixed at compile time
 * and writes itself through {@link org.quantcache.codegen.tir.Body} and {@link org.quantcache.codegen.tir.Tir} as TVM's
 * tensor IR; {@link org.quantcache.codegen.tir.CpuCompiler} makes one library of many specs.
 */
package org.quantcache.codegen.tir;
