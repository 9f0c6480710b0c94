package org.quantcache.kernels.executor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** A function of an artifact with an executor, loaded and ready. */
public abstract class CompiledProgram implements Program {
  private final ProgramSignature signature;
  private final ExecutorClass executorClass;

  /** What closing gives back, the last one taken first: workers before the memory that they use. */
  private final Deque<Runnable> owned = new ArrayDeque<>();

  private CompiledExecutor executor;
  private Map<String, Long> boundSizes = Map.of();
  private LaunchProfile profile = LaunchProfile.OFF;
  private OperationWatch watch = OperationWatch.NONE;

  /**
   * A program that may run another executor than that of the artifact.
   *
   * @param base what executors of the device extend
   * @param classes class files of other executors by simple name
   */
  protected CompiledProgram(
      ArtifactReader artifact,
      Manifest.FunctionInfo function,
      Class<? extends CompiledExecutor> base,
      Optional<Map<String, byte[]>> classes) {
    this.signature = ArtifactLayout.signature(artifact.manifest(), function);
    this.executorClass = ExecutorClass.load(artifact, classes, function.executorClass(), base);
  }

  /** Keeps a resource until the program is closed. */
  protected final <T> T own(T resource, Consumer<T> closing) {
    owned.push(() -> closing.accept(resource));
    return resource;
  }

  /** What an executor for these sizes works with, the argument of its constructor. */
  protected abstract Object context(Map<String, Long> sizes);

  /** Comes before a run, on its thread. */
  protected void enter() {}

  /** Binds the executor anew before the next run, because what it was bound to has moved. */
  protected final void unbind() {
    executor = null;
  }

  /** Measures the time of every kernel from the next run on; null stops that. */
  public final void profileInto(LaunchProfile target) {
    profile = target == null ? LaunchProfile.OFF : target;
  }

  /** Tells {@code other} of the operations of later runs; only an executor that was written for it tells them. */
  protected final void watchBy(OperationWatch other) {
    watch = other;
  }

  @Override
  public final ProgramSignature signature() {
    return signature;
  }

  @Override
  public final Map<String, Tensor> run(
      Map<String, Tensor> inputs, int steps, StepObserver observer, DecisionMode decisions) {
    Map<String, Long> sizes = signature.bind(
        name -> Optional.ofNullable(inputs.get(name))
            .map(t -> new ProgramSignature.Given(t.element(), t.sizes())),
        steps);
    enter();
    if (executor == null || !sizes.equals(boundSizes)) {
      executor = executorClass.create(context(sizes));
      boundSizes = sizes;
    }
    executor.setProfile(profile);
    executor.watchBy(watch);
    long[] parametersAt = executor.parametersAt();
    for (int i = 0; i < parametersAt.length; i++) {
      Tensor input = inputs.get(signature.parameters().get(i).name());
      executor
          .view(parametersAt[i], input.data().capacity())
          .put(input.data().duplicate().rewind());
    }
    executor.decideBy(decisions);
    executor.run(profiled(observer));
    Map<String, Tensor> out = new LinkedHashMap<>();
    long[] resultsAt = executor.resultsAt();
    for (int i = 0; i < resultsAt.length; i++) {
      ProgramSignature.Parameter result = signature.results().get(i);
      Tensor tensor = Tensor.zeros(
          (ScalarType) result.type().element(),
          result.type().dims().stream().map(d -> d.evaluate(sizes::get)).toList());
      tensor.data().duplicate().put(executor.view(resultsAt[i], tensor.data().capacity()));
      out.put(result.name(), tensor);
    }
    return out;
  }

  private StepObserver profiled(StepObserver observer) {
    if (profile == LaunchProfile.OFF) {
      return observer;
    }
    profile.begin();
    return new ProfiledSteps(observer, profile);
  }

  @Override
  public final void close() {
    while (!owned.isEmpty()) {
      owned.pop().run();
    }
  }
}
