package org.quantcache.tools.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.layers.LayerSource;
import org.quantcache.tools.pipeline.Calibrations;
import org.quantcache.tools.pipeline.CompileTarget;
import org.quantcache.tools.pipeline.ModelCompiler;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How model folders are compiled that are compared with each other. */
final class BuildOptions {
  @Option(
      names = "--target-a",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      converter = TargetOption.Converter.class,
      description = "Device of a model folder A: cpu (default), reference or cuda.")
  private CompileTarget targetA;

  @Option(
      names = "--target-b",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      converter = TargetOption.Converter.class,
      description = "The same of B.")
  private CompileTarget targetB;

  @Option(
      names = "--passes-a",
      paramLabel = "PASSES",
      description = "Pipeline of a model folder A, such as @none (default) or @fast.")
  private String passesA;

  @Option(names = "--passes-b", paramLabel = "PASSES", description = "The same of B.")
  private String passesB;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description =
          "What 'qcc calibrate' wrote (default: calibration.json in the folder of the model).")
  private Path calibration;

  @Mixin
  private ThreadsOption threads;

  LayerSource a(Verb verb, Path path, String function, Function<Checkpoint, IrModule> lift) {
    return open(verb, path, function, lift, targetA, Optional.ofNullable(passesA));
  }

  LayerSource b(Verb verb, Path path, String function, Function<Checkpoint, IrModule> lift) {
    return open(verb, path, function, lift, targetB, Optional.ofNullable(passesB));
  }

  private LayerSource open(
      Verb verb,
      Path path,
      String function,
      Function<Checkpoint, IrModule> lift,
      CompileTarget target,
      Optional<String> passes) {
    boolean isFolder = Files.isDirectory(path);
    if (!isFolder && passes.isPresent()) {
      throw UserError.of("CL0112", "%s is compiled already, passes do not apply to it", path)
          .withHint("leave --passes-a or --passes-b out, or give the model folder");
    }
    ModelCompiler.Request request = new ModelCompiler.Request(
        TargetOption.usable(verb, target),
        "host",
        passes.orElse(AllPasses.preset("none")),
        isFolder ? Calibrations.find(calibration, path) : Optional.empty(),
        List.of(),
        verb.buildProgress());
    return LayerSource.open(path, function, lift, request, threads.count());
  }
}
