/**
 * Kernels on a machine without a GPU: a library that stands in for the CUDA driver, and kernels that the host's C++
 * compiler builds from the same text. For tests; slow.
 */
package org.quantcache.kernels.cuda.emulation;
