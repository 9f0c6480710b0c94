package org.quantcache.passes.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.instruments.VerifyEach;

class PassManagerTest {
  /** Counts an attribute of the function down to zero; changes nothing from then on. */
  private static final PassFactory COUNT_DOWN =
      factory("count-down", List.of(), List.of(), (module, rewriter) -> {
        Function function = module.functions().get(0);
        long left = function.attributes().integer("left", 3);
        if (left > 0) {
          rewriter.setAttributes(
              function, function.attributes().with("left", Attribute.of(left - 1)));
          rewriter.report("Counted", Location.of("here"), Attributes.NONE);
        }
      });

  private static final PassFactory FUSING =
      factory("fusing", List.of(), List.of(Stage.FUSED), (module, rewriter) -> {});

  private static final PassFactory LOWERING =
      factory("lowering", List.of(Stage.FUSED), List.of(Stage.LOWERED), (module, rewriter) -> {});

  private static final PassFactory FAILING =
      factory("failing", List.of(), List.of(), (module, rewriter) -> {
        throw UserError.of("PA9999", "cannot");
      });

  private static final PassFactory NAGGING =
      factory("nagging", List.of(), List.of(), (module, rewriter) -> {
        rewriter.reportMissed("Kept", Location.of("a"), "because");
        rewriter.reportMissed("Kept", Location.of("a"), "because");
        rewriter.reportMissed("Kept", Location.of("b"), "because");
      });

  private static final PassFactory BREAKING =
      factory("breaking", List.of(), List.of(), (module, rewriter) -> {
        rewriter.setResultTypes(
            module.functions().get(0), List.of(TensorType.of(ScalarType.F32, 2)));
      });

  private final List<String> events = new ArrayList<>();

  private static PassFactory factory(String name, List<Stage> needs, List<Stage> gives, Body body) {
    PassInfo info =
        new PassInfo(name, "for the test", Numerics.EXACT, needs, List.of(), gives, List.of());
    return new PassFactory(info, options -> new Pass() {
      @Override
      public PassInfo info() {
        return info;
      }

      @Override
      public void run(IrModule module, Rewriter rewriter) {
        body.run(module, rewriter);
      }
    });
  }

  private interface Body {
    void run(IrModule module, Rewriter rewriter);
  }

  /** Notes what it is told. */
  private final class Watcher implements PassInstrument {
    private final String name;

    Watcher(String name) {
      this.name = name;
    }

    @Override
    public void start(IrModule module) {
      events.add(name + " start");
    }

    @Override
    public void before(int number, PassInfo pass, IrModule module) {
      events.add(name + " before " + number + " " + pass.name());
    }

    @Override
    public void after(int number, PassInfo pass, IrModule module, boolean changed) {
      events.add(name + " after " + number + " " + changed);
    }

    @Override
    public void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {
      events.add(name + " failed " + number);
    }

    @Override
    public void missed(PassInfo pass, String event, Location location, String reason) {
      events.add(name + " missed " + event + " at " + location.text());
    }
  }

  private static IrModule module() {
    return IrParser.parse(
        "module @t { func @f() { func.return } }", "test", StandardOps.registry());
  }

  private IrModule run(String text) {
    Map<String, PassFactory> known = new java.util.TreeMap<>();
    List.of(COUNT_DOWN, FUSING, LOWERING, FAILING, NAGGING)
        .forEach(f -> known.put(f.info().name(), f));
    IrModule module = module();
    new PassManager(StandardOps.registry(), List.of(new Watcher("a"), new Watcher("b")))
        .run(Pipeline.parse(text, known), module);
    return module;
  }

  @Test
  void hooksNestAndTellWhetherThePassChangedAnything() {
    run("count-down,fusing");

    assertThat(events)
        .containsExactly(
            "a start",
            "b start",
            "a before 1 count-down",
            "b before 1 count-down",
            "b after 1 true",
            "a after 1 true",
            "a before 2 fusing",
            "b before 2 fusing",
            "b after 2 false",
            "a after 2 false");
  }

  @Test
  void instrumentsHearOfAFailureAndTheErrorPasses() {
    UserError error = catchThrowableOfType(UserError.class, () -> run("failing,count-down"));

    assertThat(error.code()).isEqualTo("PA9999");
    assertThat(events)
        .containsExactly(
            "a start",
            "b start",
            "a before 1 failing",
            "b before 1 failing",
            "b failed 1",
            "a failed 1");
  }

  @Test
  void stagesOfTheWholePipelineAreCheckedBeforeTheFirstPass() {
    UserError error = catchThrowableOfType(UserError.class, () -> run("count-down,lowering"));

    assertThat(error.code()).isEqualTo("PA0105");
    assertThat(error.getMessage()).contains("pass 'lowering' must run after stage 'fused'");
    assertThat(events).isEmpty();
  }

  @Test
  void reachedStagesAreMarkedInTheModule() {
    assertThat(Stage.of(run("fusing,lowering"))).containsExactly(Stage.FUSED, Stage.LOWERED);
  }

  @Test
  void fixpointRunsUntilARoundChangesNothing() {
    IrModule module = run("fixpoint(count-down,fusing)");

    assertThat(module.functions().get(0).attributes().integer("left")).isZero();
    assertThat(events.stream().filter(e -> e.startsWith("a before"))).hasSize(8);
  }

  @Test
  void fixpointThatDoesNotEndIsRefused() {
    UserError error =
        catchThrowableOfType(UserError.class, () -> run("fixpoint(count-down){limit=3}"));

    assertThat(error.code()).isEqualTo("PA0107");
    assertThat(error.getMessage())
        .contains("'fixpoint(count-down){limit=3}' still changes the module after 3 rounds");
  }

  @Test
  void aPassThatBreaksTheModuleIsNamed() {
    PassManager manager =
        new PassManager(StandardOps.registry(), List.of(new VerifyEach(), new Watcher("a")));
    Pipeline pipeline = Pipeline.parse("breaking", Map.of("breaking", BREAKING));

    UserError error = catchThrowableOfType(UserError.class, () -> manager.run(pipeline, module()));

    assertThat(error.code()).isEqualTo("PA0108");
    assertThat(error.getMessage()).contains("pass 'breaking' (#1)", "IR0204");
    assertThat(events).as("the others saw the broken module").contains("a after 1 true");
  }

  @Test
  void aMissedChanceIsToldOnce() {
    run("nagging");

    assertThat(events.stream().filter(e -> e.startsWith("a missed")))
        .containsExactly("a missed Kept at a", "a missed Kept at b");
  }
}
