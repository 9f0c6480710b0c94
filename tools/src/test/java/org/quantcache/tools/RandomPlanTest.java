package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;

/** Passes in any legal order keep what a program computes. */
@Tag("slow")
class RandomPlanTest {
  private static final int PLANS = 8;
  private static final int LONGEST = 8;

  /** Lossless passes in a random order that their stages allow. */
  private static String plan(long seed) {
    Random random = new Random(seed);
    List<PassFactory> passes = List.copyOf(AllPasses.byName().values());
    Set<Stage> reached = EnumSet.of(Stage.IMPORTED);
    List<String> plan = new ArrayList<>();
    for (int i = 1 + random.nextInt(LONGEST); i > 0; i--) {
      List<PassInfo> legal = passes.stream()
          .map(PassFactory::info)
          .filter(info -> info.numerics().compareTo(Numerics.REASSOCIATES) <= 0)
          .filter(info -> reached.containsAll(info.needs())
              && info.forbids().stream().noneMatch(reached::contains))
          .filter(info -> !info.name().equals("lower") || plan.contains("fuse"))
          .toList();
      if (!legal.isEmpty()) {
        PassInfo next = legal.get(random.nextInt(legal.size()));
        reached.addAll(next.gives());
        plan.add(next.name());
      }
    }
    return String.join(",", plan);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "xmask", "skipy", "sample-plain", "sample-cond"})
  void anyLegalOrderKeepsTheOutput(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint()) {
      Map<String, Tensor> expected = run(golden, checkpoint, golden.lift(checkpoint));
      for (long seed = 0; seed < PLANS; seed++) {
        String plan = plan(seed + 100L * name.hashCode());
        IrModule module = golden.lift(checkpoint);
        new PassManager(StandardOps.registry(), List.of(new VerifyEach()))
            .run(AllPasses.parse(plan), module);
        try {
          Closeness.assertClose(run(golden, checkpoint, module), expected, 1e-5);
        } catch (AssertionError e) {
          throw new AssertionError("plan " + plan, e);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "xmask", "skipy", "sample-plain", "sample-cond"})
  void runningTheGraphPassesAgainChangesNothing(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint()) {
      IrModule module = golden.lift(checkpoint);
      PassManager manager = new PassManager(StandardOps.registry(), List.of());
      manager.run(AllPasses.parse("fixpoint(fold,specialize,hoist),fixpoint(fuse,fold)"), module);
      String once = IrPrinter.print(module);
      manager.run(AllPasses.parse("fold,hoist,fuse,fold"), module);

      assertThat(IrPrinter.print(module)).isEqualTo(once);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "sample-cond"})
  void passesDoTheSameToAModuleThatWasPrintedAndReadBack(String name) {
    GoldenCase golden = GoldenCase.of(name);
    try (Checkpoint checkpoint = golden.checkpoint()) {
      IrModule lifted = golden.lift(checkpoint);
      IrModule read = IrParser.parse(
          IrPrinter.print(lifted, IrPrinter.Options.WITH_LOCATIONS),
          "read",
          StandardOps.registry());
      String plan = AllPasses.preset("none") + "," + AllPasses.targetPasses(32);
      for (IrModule module : List.of(lifted, read)) {
        new PassManager(StandardOps.registry(), List.of(new VerifyEach()))
            .run(AllPasses.parse(plan), module);
      }

      assertThat(IrPrinter.print(read, IrPrinter.Options.CANONICAL))
          .isEqualTo(IrPrinter.print(lifted, IrPrinter.Options.CANONICAL));
    }
  }

  private static Map<String, Tensor> run(
      GoldenCase golden, Checkpoint checkpoint, IrModule module) {
    Map<String, Tensor> inputs = golden.isSample() ? golden.sampleInputs() : golden.inputs();
    int steps = golden.isSample() ? golden.sampler().steps() : 1;
    try (ReferenceProgram program =
        new ReferenceProgram(module, golden.function(), checkpoint.weights())) {
      return program.run(inputs, steps, StepObserver.NONE);
    }
  }
}
