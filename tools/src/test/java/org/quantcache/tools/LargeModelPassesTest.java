package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.cost.CostReport;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** The sampler of the largest published model, 28 pairs of blocks: what the passes make of it, and in what time. */
class LargeModelPassesTest {
  private static final int BLOCKS = LargeModel.BLOCKS;

  private static IrModule module;
  private static Cost imported;

  @BeforeAll
  @Timeout(60)
  static void run() {
    module = LargeModel.module();
    imported = work();
    String pipeline = AllPasses.preset("none") + "," + AllPasses.targetPasses(32);
    org.junit.jupiter.api.Assertions.assertTimeout(
        Duration.ofSeconds(30),
        () -> new PassManager(StandardOps.registry(), List.of())
            .run(AllPasses.parse(pipeline), module));
  }

  private static Cost work() {
    return CostReport.of(module, symbol -> symbol.equals("N") ? 30 : 300)
        .function("sample")
        .total();
  }

  private static Region body() {
    return module.function("sample").body().operations().stream()
        .filter(op -> !op.regions().isEmpty())
        .findFirst()
        .orElseThrow()
        .regions()
        .get(0);
  }

  private static Map<String, Long> counts() {
    Map<String, Long> out = new LinkedHashMap<>();
    body().walk(op -> out.merge(op.name(), 1L, Long::sum));
    return out;
  }

  @Test
  void everyBlockIsItsFusedOperationsAndTheRowsOfItsTable() {
    assertThat(counts())
        .containsEntry(FusedOps.ATTENTION, (long) BLOCKS)
        .containsEntry(FusedOps.CROSS_ATTENTION, (long) BLOCKS)
        .containsEntry(FusedOps.NORM_MODULATE, 2L * BLOCKS + 1)
        .containsEntry(FusedOps.GUIDED_STEP, 1L)
        .doesNotContainKeys(
            "math.mul",
            "math.select",
            "math.sub",
            "nn.gelu",
            "nn.layer_norm",
            "nn.modulate",
            "tensor.repeat");
    assertThat(counts().get("math.add")).isEqualTo(BLOCKS + 1);
  }

  @Test
  void keysAndValuesOfTheTextAreComputedOnce() {
    long inLoop = counts().get(FusedOps.LINEAR);

    // Two for time, one for all modulations, patches, output; qkv, proj, q, cross proj, fc1 and fc2
    // of every block.
    assertThat(inLoop).isEqualTo(5 + 6L * BLOCKS);
  }

  @Test
  void firstAttentionRunsOnOneCopyOfTheLatent() {
    List<Operation> attentions =
        body().operations().stream().filter(op -> op.is(FusedOps.ATTENTION)).toList();

    assertThat(attentions.get(0).result().type().size(0)).isEqualTo(1);
    assertThat(attentions.get(1).result().type().size(0)).isEqualTo(2);
  }

  @Test
  void lastLinearComputesTheLiveChannelsOnly() {
    List<Operation> linears =
        body().operations().stream().filter(op -> op.is(FusedOps.LINEAR)).toList();

    assertThat(linears.get(linears.size() - 1).result().type().size(-1)).isEqualTo(16);
  }

  @Test
  void workFalls() {
    Cost now = work();

    assertThat(now.flops()).isLessThan(imported.flops() * 99 / 100);
    assertThat(now.bytes()).isLessThan(imported.bytes() / 2);
  }

  @Test
  void latentIsMovedInPlace() {
    Operation loop = body().owner().orElseThrow();
    Operation step = body().operations().stream()
        .filter(op -> op.is(FusedOps.GUIDED_STEP))
        .findFirst()
        .orElseThrow();

    assertThat(step.attributes().longs("at")).isEqualTo(loop.attributes().longs("at"));
  }
}
