/** From a planned module to CUDA C++ and its machine code, and executors that launch it. */
package org.quantcache.codegen.cuda;
