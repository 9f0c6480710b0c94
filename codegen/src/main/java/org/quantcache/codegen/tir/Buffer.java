package org.quantcache.codegen.tir;

import org.quantcache.codegen.tir.TvmSession.Handle;

/**
 * Flat memory that a kernel reads and writes.
 *
 * @param handle the TIR buffer
 * @param pointer its data variable
 * @param type element kind
 * @param lanes elements of one cell; more than 1 for accumulators that live in vector registers
 */
public record Buffer(Handle handle, Handle pointer, String type, int lanes) {}
