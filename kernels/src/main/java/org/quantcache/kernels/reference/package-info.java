/**
 * The reference device: interprets the IR at any stage, one {@link org.quantcache.kernels.reference.Kernel} for each
 * operation, in double where it matters. What it computes is what an operation means; other devices are held to it.
 */
package org.quantcache.kernels.reference;
