package org.quantcache.codegen.tir;

/** Scratch memory of one row of f32, from {@code start} on. */
record RowMemory(Buffer buffer, Expr start) {
  Expr load(Tir t, Expr channel, int lanes) {
    return t.load(buffer, t.add(start, channel), lanes);
  }

  void store(Body body, Expr value, Expr channel) {
    body.store(buffer, value, body.tir().add(start, channel));
  }
}
