package org.quantcache.ir.ops;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpRegistry;

/** The registry of every operation of the IR. A new one is added to the list of its family. */
public final class StandardOps {
  private StandardOps() {}

  /** All operations. */
  public static OpRegistry registry() {
    List<OpDef> all = new ArrayList<>();
    all.addAll(StructureOps.all());
    all.addAll(TensorOps.all());
    all.addAll(MathOps.all());
    all.addAll(NnOps.all());
    all.addAll(FusedOps.all());
    all.addAll(AttentionOps.all());
    all.addAll(LatentOps.all());
    all.addAll(QuantOps.all());
    all.addAll(ModelOps.all());
    all.addAll(CacheOps.all());
    all.addAll(PruneOps.all());
    all.addAll(ProbedOps.all());
    return new OpRegistry(all);
  }
}
