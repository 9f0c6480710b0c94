/** Tensors on the Java side, and files of them. */
package org.quantcache.kernels.tensor;
