package org.quantcache.tools.layers;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** A program that runs and shows what its operations compute. */
final class ProgramSide implements Side {
  private final WatchedProgram program;
  private final Run run;
  private final Points points;
  private final StepObserver progress;

  /** @param progress told of each step */
  ProgramSide(WatchedProgram program, Run run, StepObserver progress) {
    this.program = program;
    this.run = run;
    this.points = Points.of(program.module(), program.function());
    this.progress = progress;
  }

  @Override
  public List<Point> points() {
    return points.all();
  }

  @Override
  public void run(List<Integer> wanted, Sink sink) {
    FiniteWatch finite = new FiniteWatch(sink);
    Function function = program.function();
    for (Value parameter : function.parameters()) {
      Tensor input = run.inputs().get(parameter.nameHint());
      if (input != null) {
        finite.given(parameter, input);
      }
    }
    program.run(run, progress, new Listener(new HashSet<>(wanted), finite, sink));
  }

  private final class Listener implements WatchedProgram.Listener {
    private final Set<Integer> wanted;
    private final FiniteWatch finite;
    private final Sink sink;

    /** Step at which an operation ran last, for regions that may have been left out. */
    private final Map<Operation, Integer> lastStep = new IdentityHashMap<>();

    Listener(Set<Integer> wanted, FiniteWatch finite, Sink sink) {
      this.wanted = wanted;
      this.finite = finite;
      this.sink = sink;
    }

    @Override
    public void computed(Operation operation, int step, WatchedProgram.Memory memory) {
      lastStep.put(operation, step);
      if (!finite.isKnown(operation)) {
        for (Value result : operation.results()) {
          memory.get(result).ifPresent(value -> finite.computed(operation, step, result, value));
        }
      }
      OptionalInt point = points.number(operation);
      if (point.isEmpty()
          || !wanted.contains(point.getAsInt())
          || (Points.isStandIn(operation) && ranItsRegion(operation, step))) {
        return;
      }
      int at = points.all().get(point.getAsInt()).inLoop() ? step : 0;
      memory
          .get(operation.results().get(0))
          .ifPresent(value -> sink.value(point.getAsInt(), at, operation.name(), value));
    }

    private boolean ranItsRegion(Operation standIn, int step) {
      return standIn
          .regions()
          .get(0)
          .terminator()
          .operand(0)
          .definingOperation()
          .map(yielded -> lastStep.getOrDefault(yielded, -1) == step)
          .orElse(false);
    }
  }
}
