/** Kernels for CUDA: the instance of a family of templates, and the launch geometry, that each kind of spec asks for. */
package org.quantcache.codegen.cuda;
