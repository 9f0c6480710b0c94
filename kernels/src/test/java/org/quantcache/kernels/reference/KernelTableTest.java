package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;

class KernelTableTest {
  /** What the interpreter does itself: structure, and definitions that do not run. */
  private static final List<String> WITHOUT_KERNEL = List.of(
      StructureOps.WEIGHT_DEF,
      StructureOps.WEIGHT_GET,
      StructureOps.RETURN,
      StructureOps.YIELD,
      StructureOps.LOOP,
      StructureOps.OBSERVE,
      CacheOps.SLOT,
      CacheOps.GUARD,
      CacheOps.PROBE,
      CacheOps.MEASURED,
      CacheOps.BITS,
      PruneOps.BRANCH,
      PruneOps.PROBE,
      PruneOps.MEASURED);

  @Test
  void everyOperationOfTheRegistryHasAMeaningAndNothingElseHas() {
    TreeSet<String> registered = new TreeSet<>();
    StandardOps.registry().all().stream().map(OpDef::name).forEach(registered::add);
    assertThat(registered).containsAll(WITHOUT_KERNEL);
    TreeSet<String> known = new TreeSet<>(ReferenceProgram.kernelTable().keySet());
    assertThat(known).doesNotContainAnyElementsOf(WITHOUT_KERNEL);
    known.addAll(WITHOUT_KERNEL);
    assertThat(known).isEqualTo(registered);
  }
}
