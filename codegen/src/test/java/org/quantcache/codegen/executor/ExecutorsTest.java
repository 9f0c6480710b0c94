package org.quantcache.codegen.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.lower.Device;

/** Every operation that reaches an executor has something to run it. */
class ExecutorsTest {
  @Test
  void thereIsAnEmitterForEveryOperationThatLoweringLetsPass() {
    TreeSet<String> supported = new TreeSet<>();
    StandardOps.registry().all().stream()
        .map(OpDef::name)
        .filter(name -> Arrays.stream(Device.values()).anyMatch(d -> d.supports(name)))
        .forEach(supported::add);
    // The writer of the executor handles control flow itself.
    supported.removeAll(List.of(
        StructureOps.RETURN,
        StructureOps.LOOP,
        StructureOps.YIELD,
        CacheOps.GUARD,
        PruneOps.BRANCH));
    assertThat(new TreeSet<>(Executors.emitters().keySet())).isEqualTo(supported);
  }

  @Test
  void theProgramsOfTheTestsHoldEveryOperationOfTheDevice() {
    TreeSet<String> used = new TreeSet<>();
    TinyModel.planned(CpuTarget.named("x86-64-v3")).walk(op -> used.add(op.name()));
    TinyModel.narrowed().walk(op -> used.add(op.name()));
    TinyModel.attention(false).walk(op -> used.add(op.name()));
    assertThat(used).containsAll(Executors.emitters().keySet());
  }
}
