package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.function.Function;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import picocli.CommandLine.Mixin;

/** Where and how exactly a model folder or an artifact runs. */
final class DeviceOptions {
  @Mixin
  private TargetOption target;

  @Mixin
  private ThreadsOption threads;

  @Mixin
  private PrecisionOption precision;

  /** Opens an artifact, or compiles a model folder with the lossless passes. */
  ModelSource open(Verb verb, Path model, Function<Checkpoint, IrModule> lift) {
    return ModelSource.open(
        model, lift, ModelSource.lossless(target.device(verb), verb.buildProgress()));
  }

  Program load(ModelSource source, String function) {
    return Programs.load(source.artifact(), function, threads.count(), precision.element());
  }
}
