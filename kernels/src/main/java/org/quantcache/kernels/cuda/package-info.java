/**
 * The CUDA driver as this project uses it: a device, its memory, modules of kernels, streams, and launches whose
 * parameters are laid out beforehand. Calls need the context of the device on their thread ({@code CudaDevice.use}).
 */
package org.quantcache.kernels.cuda;
