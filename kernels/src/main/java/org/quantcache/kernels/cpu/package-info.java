/**
 * The cpu device: loads a compiled artifact and runs it. Kernels are native, called through TVM's C interface with
 * arguments built beforehand; the {@link org.quantcache.kernels.cpu.WorkerPool} shares out their work items. Memory of
 * programs lies outside of the heap, in one arena for each function.
 */
package org.quantcache.kernels.cpu;
