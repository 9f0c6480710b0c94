package org.quantcache.tools.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.tools.pipeline.ModelCompiler;
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

  @Mixin
  private PipelineOptions pipeline;

  /** Opens an artifact, or compiles a model folder. @throws UserError CL0112 for passes over an artifact */
  ModelSource open(Verb verb, Path model, Function<Checkpoint, IrModule> lift) {
    if (pipeline.given() && !Files.isDirectory(model)) {
      throw UserError.of("CL0112", "%s is compiled already, passes do not apply to it", model)
          .withHint("leave --preset and --passes out, or give the model folder");
    }
    return ModelSource.open(
        model,
        lift,
        new ModelCompiler.Request(
            target.device(verb),
            "host",
            pipeline.text(),
            Files.isDirectory(model) ? pipeline.calibration(model) : Optional.empty(),
            List.of(),
            verb.buildProgress()));
  }

  Program load(ModelSource source, String function) {
    return Programs.load(source.artifact(), function, threads.count(), precision.element());
  }
}
