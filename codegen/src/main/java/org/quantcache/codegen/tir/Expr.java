package org.quantcache.codegen.tir;

import org.quantcache.codegen.tir.TvmSession.Handle;

/**
 * A TIR expression.
 *
 * @param handle the node
 * @param type element kind without lanes: {@code int32}, {@code float32}, {@code float16}, {@code uint16}, {@code bool}
 * @param lanes 1 for a scalar
 */
public record Expr(Handle handle, String type, int lanes) {
  /** The type as TVM spells it. */
  String dtype() {
    // Vectors of truth values are known by their bits only.
    return lanes == 1 ? type : (type.equals("bool") ? "uint1" : type) + "x" + lanes;
  }
}
