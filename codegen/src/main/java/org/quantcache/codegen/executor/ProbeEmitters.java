package org.quantcache.codegen.executor;

import java.util.Locale;
import org.quantcache.codegen.tir.Epilogue.Probe;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.CacheOps;

/** Products that measure what they store when a decision needs it, and are plain products when none does. */
final class ProbeEmitters {
  private ProbeEmitters() {}

  /** Launches a product. */
  interface Product {
    void emit(Operation op, Probe probe, Emission out);
  }

  /** Both forms of a product with a probe; who reads its sums knows at run time which one is due. */
  static void product(Operation op, Emission out, Product product) {
    Operation reader = op.results().get(1).uses().get(0);
    String asks = reader.is(CacheOps.MEASURED)
        ? CacheEmitters.field(reader.attributes().string("guard"))
        : PruneEmitters.told(reader.attributes());
    Probe probe = Probe.valueOf(op.attributes().word("probed").toUpperCase(Locale.ROOT));
    out.either(
        op,
        asks + ".measures()",
        () -> product.emit(op, probe, out),
        () -> product.emit(op, Probe.NONE, out));
  }
}
