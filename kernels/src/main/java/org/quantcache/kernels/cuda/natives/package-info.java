/** Puts JCuda's bindings where the system can load them, and loads them: of the driver or its stand-in, of compilers. */
package org.quantcache.kernels.cuda.natives;
