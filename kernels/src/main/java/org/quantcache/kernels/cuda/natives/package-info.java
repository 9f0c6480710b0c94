/** Puts JCuda's binding of the CUDA driver where the system can load it, and loads it over the driver or its stand-in. */
package org.quantcache.kernels.cuda.natives;
