package org.quantcache.tools.layers;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.sample.SampleModel;

/** A build whose layers can be shown: an artifact, or a model folder that is compiled for the moment. */
public final class LayerSource implements AutoCloseable {
  private final ModelSource source;
  private final WatchedProgram program;

  private LayerSource(ModelSource source, WatchedProgram program) {
    this.source = source;
    this.program = program;
  }

  /** Whether a path is a file of stored values. */
  public static boolean isTaps(Path path) {
    return path.toString().endsWith(".safetensors");
  }

  /**
   * Opens and, where it is a model folder, compiles it.
   *
   * @param function that is run
   * @param lift makes the module from a checkpoint
   * @param threads workers of the cpu device
   */
  public static LayerSource open(
      Path path,
      String function,
      Function<Checkpoint, IrModule> lift,
      ModelCompiler.Request request,
      int threads) {
    ModelSource source = ModelSource.open(path, lift, request);
    try {
      return new LayerSource(source, WatchedProgram.load(source.artifact(), function, threads));
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  public ProgramSignature signature() {
    return program.signature();
  }

  public SampleModel sample() {
    return source.sample();
  }

  /** The first result of a run in which everything is computed. */
  Tensor run(Map<String, Tensor> inputs, int steps) {
    return program.run(new Run(inputs, steps, DecisionMode.ALWAYS));
  }

  Side side(Run run, StepObserver progress) {
    return new ProgramSide(program, run, progress);
  }

  @Override
  public void close() {
    program.close();
    source.close();
  }
}
