package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepSeries;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Observers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc sample}. */
@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    description = "The whole sampling loop on given noise; writes output, z_steps and timesteps.")
final class SampleCommand extends Verb {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder, or an artifact with function 'sample'.")
  private Path model;

  @Option(
      names = "--inputs",
      required = true,
      paramLabel = "FILE",
      description = "Tensors z, y, height, ...")
  private Path inputs;

  @Option(
      names = "--sampler",
      required = true,
      paramLabel = "FILE",
      description = "Settings of the scheduler (JSON).")
  private Path settings;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where to write the results.")
  private Path output;

  @Mixin
  private DeviceOptions device;

  @Mixin
  private DecisionOptions decisions;

  @Override
  void execute() {
    requireWritable(output);
    DecisionMode mode = decisions.mode();
    SamplerSettings sampler = SamplerSettings.read(settings);
    Map<String, Tensor> given = new LinkedHashMap<>(TensorFile.read(inputs));
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    given.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    given.put("guidance", Tensor.of(List.of(1L), (float) sampler.guidance()));
    try (ModelSource source = device.open(
            this,
            model,
            checkpoint -> StditImporter.of(checkpoint)
                .sample(RequestOfInputs.sample(checkpoint.config(), sizes, sampler))
                .finish());
        Program program = device.load(source, "sample")) {
      StepSeries steps = new StepSeries("z_steps");
      Observers observers = new Observers(List.of(steps, decisions.observer(), progress("step")));
      Map<String, Tensor> results =
          new LinkedHashMap<>(program.run(given, sampler.steps(), observers, mode));
      results.put("z_steps", steps.stacked());
      TensorFile.write(output, results);
      decisions.report(this);
    }
    say("wrote %s", output);
  }
}
