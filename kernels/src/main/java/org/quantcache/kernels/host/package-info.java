/**
 * Arithmetic over a few scalars that every device does in Java: times, sinusoids, ragged text, noise. All routines work
 * on buffers and allocate nothing.
 */
package org.quantcache.kernels.host;
