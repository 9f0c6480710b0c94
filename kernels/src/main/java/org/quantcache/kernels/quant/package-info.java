/**
 * Numbers on a grid: what both the interpreter and the writer of artifacts make of a quantized weight, and the exact
 * arithmetic by which activations are rounded.
 */
package org.quantcache.kernels.quant;
