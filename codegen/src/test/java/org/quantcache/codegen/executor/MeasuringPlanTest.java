package org.quantcache.codegen.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/** Where what was measured is waited for (<) and where it is brought (>). */
class MeasuringPlanTest {
  private final StringBuilder body = new StringBuilder();
  private int values;

  private MeasuringPlanTest probe(String kind, int layer) {
    body.append(
        "%%p%d = prune.probe(%%z, %%held) <kind = \"%s\", layer = %d, measure = similarity> : f32[6, 5]%n"
            .formatted(values++, kind, layer));
    return this;
  }

  private MeasuringPlanTest variation(String kind, int layer) {
    body.append(
        "%%p%d = prune.probe(%%z, %%held) <kind = \"%s\", layer = %d, measure = variation> : f32[6, 5]%n"
            .formatted(values++, kind, layer));
    return this;
  }

  private MeasuringPlanTest probe(String guard) {
    body.append("%%p%d = cache.probe(%%z, %%seen) <guard = \"%s\"> : f32[6, 4]%n"
        .formatted(values++, guard));
    return this;
  }

  private MeasuringPlanTest branch(String kind, int layer, Runnable region) {
    body.append(
        "%%b%d = prune.branch(%%i, %%z) <kind = \"%s\", layer = %d, policy = #visits<pruned = [1]>> : f32[1, 2, 3, 8] {%n"
            .formatted(values++, kind, layer));
    return inside(region);
  }

  private MeasuringPlanTest guard(String name, Runnable region) {
    body.append(
        "%%g%d = cache.guard(%%i, %%z, %%slot) <name = \"%s\", policy = #plan<computed = [0], steps = 2>> : f32[1, 2, 3, 8] {%n"
            .formatted(values++, name));
    return inside(region);
  }

  private MeasuringPlanTest inside(Runnable region) {
    region.run();
    body.append("step.yield(%z)\n}\n");
    return this;
  }

  /** The measuring operations, guards and branches of a loop, in order. */
  private List<String> plan() {
    String text = """
        module @t <dims = [#dim<bound = 4, name = N>]> {
          func @f(%%grid: f32[N, 1], %%x: f32[1, 2, 3, 8]) -> f32[1, 2, 3, 8] <results = ["output"]> {
            %%slot = cache.slot : f32[1, 2, 3, 8]
            %%seen = cache.slot : f32[1, 2, 3, 8]
            %%held = cache.slot : f32[1, 2, 3, 8]
            %%r = step.loop(%%grid, %%x) : f32[1, 2, 3, 8] {|%%i: i32[], %%z: f32[1, 2, 3, 8]|
              %s
              step.yield(%%z)
            }
            func.return(%%r)
          }
        }
        """.formatted(body);
    Function function = IrParser.parse(text, "t.qir", StandardOps.registry()).function("f");
    MeasuringPlan plan = MeasuringPlan.of(function);
    List<String> out = new ArrayList<>();
    function.body().walk(op -> {
      String name = name(op);
      if (!name.isEmpty()) {
        out.add((plan.takesBefore(op) ? "<" : "") + name + (plan.bringsBehind(op) ? ">" : ""));
      }
    });
    return out;
  }

  private static String name(Operation op) {
    Attributes a = op.attributes();
    return switch (op.name()) {
      case CacheOps.GUARD -> "guard " + a.string("name");
      case CacheOps.PROBE -> "of " + a.string("guard");
      case PruneOps.BRANCH -> "branch " + PruneOps.branchName(a);
      case PruneOps.PROBE -> "of " + PruneOps.layerName(a.string("kind"), a.integer("layer"));
      default -> "";
    };
  }

  @Test
  void whatGuardsMeasureTravelsOnceAStep() {
    guard("a", () -> probe("a")).guard("b", () -> probe("b")).guard("c", () -> probe("c"));
    assertThat(plan()).containsExactly("<guard a", "of a", "guard b", "of b", "guard c>", "of c>");
  }

  @Test
  void probesInOneRegionTravelBehindTheLast() {
    guard("a", () -> probe("a").probe("s", 0).probe("a"));
    assertThat(plan()).containsExactly("<guard a", "of a", "of s.0", "of a>");
  }

  @Test
  void aProbeInFrontOfItsGuardIsWaitedFor() {
    probe("a").guard("a", () -> {}).probe("b").guard("b", () -> {});
    assertThat(plan()).containsExactly("of a>", "<guard a", "of b>", "<guard b");
  }

  /** S of layers 0 and 1 decides about layer 2. */
  @Test
  void aBranchWaitsForTheLayerBeforeIt() {
    guard(
        "a",
        () -> probe("s", 0)
            .probe("t", 0)
            .probe("s", 1)
            .probe("t", 1)
            .branch("s", 2, () -> probe("s", 2))
            .branch("t", 2, () -> probe("t", 2))
            .branch("s", 3, () -> probe("s", 3))
            .branch("t", 3, () -> probe("t", 3)));
    assertThat(plan())
        .containsExactly(
            "<guard a",
            "of s.0",
            "of t.0",
            "of s.1",
            "of t.1>",
            "<branch s.2",
            "of s.2",
            "branch t.2>",
            "of t.2>",
            "<branch s.3",
            "of s.3",
            "branch t.3>",
            "of t.3>");
  }

  @Test
  void aBranchWaitsForItsOwnVariation() {
    guard("a", () -> variation("s", 1).variation("s", 0).branch("s", 0, () -> {}));
    assertThat(plan()).containsExactly("<guard a", "of s.1", "of s.0>", "<branch s.0");
  }

  @Test
  void nobodyWaitsWhereNothingIsMeasured() {
    guard("a", () -> branch("s", 0, () -> {}));
    assertThat(plan()).containsExactly("guard a", "branch s.0");
  }
}
