/**
 * Puts TVM's libraries where the system can load them and loads one of them, the small one that runs kernels or the
 * large one that also compiles.
 */
package org.quantcache.kernels.cpu.natives;
