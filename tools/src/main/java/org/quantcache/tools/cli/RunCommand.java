package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.Observers;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Generate a video with an artifact.")
final class RunCommand extends Verb {
  @Parameters(paramLabel = "ARTIFACT", description = "A .qca file.")
  private Path file;

  @Option(
      names = "--prompt",
      description = "What to show; once for each video of the artifact's batch.")
  private List<String> prompts = new ArrayList<>();

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      description = "Tensors by name; they win over what options give.")
  private Path inputs;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Seed of the noise (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--steps", description = "Sampling steps (default: the model's).")
  private Integer steps;

  @Option(names = "--guidance", description = "Scale of the guidance (default: the model's).")
  private Double guidance;

  @Option(
      names = "-o",
      required = true,
      paramLabel = "FILE",
      description = "Where to write: .gif, .png or .safetensors.")
  private Path output;

  @Mixin
  private ThreadsOption threads;

  @Mixin
  private DecisionOptions decisions;

  @Mixin
  private ProfileOption profile;

  @Mixin
  private PrecisionOption precision;

  @Override
  void execute() {
    VideoOutput form = VideoOutput.of(output);
    requireWritable(output);
    profile.require();
    if (prompts.isEmpty() && inputs == null) {
      throw UserError.of("CL0403", "nothing says what to show")
          .withHint("give --prompt or --inputs");
    }
    DecisionMode mode = decisions.mode();
    try (ArtifactReader artifact = ArtifactReader.open(file)) {
      SampleModel sample = SampleModel.of(artifact.manifest().settings());
      form.require(sample.video());
      SamplerSettings sampler = sample.sampler();
      SamplerSettings chosen = sampler
          .withSteps(steps == null ? sampler.steps() : steps)
          .withGuidance(guidance == null ? sampler.guidance() : guidance);
      try (Program program =
          Programs.load(artifact, "sample", threads.count(), precision.element())) {
        Map<String, Tensor> given = prompts.isEmpty()
            ? SampleInputs.defaults(program.signature(), sample, chosen, seed)
            : SampleInputs.prompted(program.signature(), sample, chosen, prompts, seed);
        if (inputs != null) {
          given.putAll(TensorFile.read(inputs));
        }
        profile.follow(program);
        Observers observers = new Observers(List.of(decisions.observer(), progress("step")));
        Map<String, Tensor> results = program.run(given, chosen.steps(), observers, mode);
        form.write(output, results, sample.video());
        decisions.report(this);
        profile.report(this, artifact.manifest().target());
      }
    }
    say("wrote %s", output);
  }
}
