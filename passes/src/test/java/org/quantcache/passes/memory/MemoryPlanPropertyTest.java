package org.quantcache.passes.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.core.Options;

class MemoryPlanPropertyTest {
  private static final long PROGRAMS = 200;

  private static IrModule planned(long seed, boolean inPlace) {
    IrModule module = RandomPrograms.of(seed);
    plan(module, inPlace);
    return module;
  }

  private static Rewriter plan(IrModule module, boolean inPlace) {
    Rewriter rewriter = new Rewriter(module, StandardOps.registry(), new Rewriter.Listener() {});
    var factory = MemoryPlanPass.factory();
    Options options = Options.of(factory.info(), Map.of("in-place", Boolean.toString(inPlace)));
    factory.maker().apply(options).run(module, rewriter);
    return rewriter;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsOverwrittenBeforeItsLastReader(boolean inPlace) {
    for (long seed = 0; seed < PROGRAMS; seed++) {
      assertThat(MemoryPlanChecker.problems(planned(seed, inPlace)))
          .as("seed %d", seed)
          .isEmpty();
    }
  }

  @Test
  void arenaIsNoSmallerThanWhatAnOperationNeedsAndNoLargerThanAllValues() {
    for (long seed = 0; seed < PROGRAMS; seed++) {
      IrModule module = planned(seed, false);
      Function function = module.functions().get(0);

      assertThat(function.attributes().integer("arena_bytes"))
          .as("seed %d", seed)
          .isBetween(needOfOneOperation(module, function), sumOfAll(module, function));
    }
  }

  @Test
  void workingInPlaceDoesNotNeedMoreInSum() {
    LongStream with = LongStream.range(0, PROGRAMS).map(seed -> arenaBytes(planned(seed, true)));
    LongStream without =
        LongStream.range(0, PROGRAMS).map(seed -> arenaBytes(planned(seed, false)));

    assertThat(with.sum()).isLessThan(without.sum());
  }

  @Test
  void memoryIsReused() {
    long arenas = LongStream.range(0, PROGRAMS)
        .map(seed -> arenaBytes(planned(seed, true)))
        .sum();
    long sums = LongStream.range(0, PROGRAMS)
        .map(seed -> {
          IrModule module = planned(seed, true);
          return sumOfAll(module, module.functions().get(0));
        })
        .sum();

    assertThat(arenas).isLessThan(sums * 3 / 4);
  }

  @Test
  void theSamePlanIsMadeEveryTime() {
    for (long seed = 0; seed < 50; seed++) {
      assertThat(offsets(planned(seed, true))).isEqualTo(offsets(planned(seed, true)));
    }
  }

  @Test
  void checkerFindsEveryPlanInWhichAllValuesLieAtTheStart() {
    for (long seed = 0; seed < 50; seed++) {
      IrModule module = RandomPrograms.of(seed);
      Rewriter rewriter = plan(module, true);
      Function function = module.functions().get(0);
      List<Long> zeros = function.parameters().stream().map(p -> 0L).toList();
      rewriter.setAttributes(
          function, function.attributes().with("params_at", Attribute.longs(zeros)));

      assertThatThrownBy(() -> MemoryPlanChecker.check(module))
          .as("seed %d", seed)
          .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("PA0301"));
    }
  }

  @Test
  void checkerFindsAnArenaThatIsTooSmall() {
    IrModule module = planned(1, true);
    Function function = module.functions().get(0);
    long bytes = arenaBytes(module);
    new Rewriter(module, StandardOps.registry(), new Rewriter.Listener() {})
        .setAttributes(
            function, function.attributes().with("arena_bytes", Attribute.of(bytes - 64)));

    assertThat(MemoryPlanChecker.problems(module)).isNotEmpty();
  }

  @Test
  void checkerFindsAModuleWithoutAPlan() {
    assertThat(MemoryPlanChecker.problems(RandomPrograms.of(3))).containsExactly("@f has no plan");
  }

  private static long arenaBytes(IrModule module) {
    return module.functions().get(0).attributes().integer("arena_bytes");
  }

  private static List<String> offsets(IrModule module) {
    List<String> out = new java.util.ArrayList<>();
    module.walk(op -> out.add(op.name() + op.attributes().text()));
    return out;
  }

  private static long needOfOneOperation(IrModule module, Function function) {
    long[] most = {0};
    function.body().walk(op -> {
      if (op.definition().has(Trait.VIEW) || op.is(StructureOps.LOOP)) {
        return;
      }
      Map<Value, Boolean> touched = new IdentityHashMap<>();
      op.operands().stream()
          .filter(MemoryPlanPropertyTest::isStored)
          .forEach(v -> touched.put(v, true));
      op.results().forEach(v -> touched.put(v, true));
      most[0] = Math.max(
          most[0],
          touched.keySet().stream()
              .mapToLong(v -> v.type().bytes(module::bound))
              .sum());
    });
    return most[0];
  }

  /** Without views and weights; the step index has no memory. */
  private static boolean isStored(Value value) {
    boolean view =
        value.definingOperation().filter(op -> op.definition().has(Trait.VIEW)).isPresent();
    return !view && !(value.argumentOf().isPresent() && value.type().rank() == 0);
  }

  private static long sumOfAll(IrModule module, Function function) {
    long[] sum = {0};
    function.parameters().forEach(p -> sum[0] += aligned(p, module));
    function.body().walk(op -> {
      op.regions().forEach(r -> r.arguments().forEach(a -> sum[0] += aligned(a, module)));
      if (!op.definition().has(Trait.VIEW)) {
        op.results().forEach(r -> sum[0] += aligned(r, module));
      }
    });
    return sum[0];
  }

  private static long aligned(Value value, IrModule module) {
    return (value.type().bytes(module::bound) + 63) / 64 * 64;
  }
}
