package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
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
  private PrecisionOption precision;

  @Override
  void execute() {
    VideoOutput form = VideoOutput.of(output);
    requireWritable(output);
    if (prompts.isEmpty() && inputs == null) {
      throw UserError.of("CL0403", "nothing says what to show")
          .withHint("give --prompt or --inputs");
    }
    DecisionMode mode = decisions.mode();
    try (ArtifactReader artifact = ArtifactReader.open(file)) {
      SampleModel sample = SampleModel.of(artifact.manifest().settings());
      form.require(sample.video());
      SamplerSettings sampler = sample.sampler();
      SamplerSettings chosen = new SamplerSettings(
          steps == null ? sampler.steps() : steps,
          sampler.trainSteps(),
          guidance == null ? sampler.guidance() : guidance,
          sampler.transform(),
          sampler.discrete());
      try (Program program =
          Programs.load(artifact, "sample", threads.count(), precision.element())) {
        Map<String, Tensor> given =
            new LinkedHashMap<>(inputs(program.signature(), sample, chosen));
        if (inputs != null) {
          given.putAll(TensorFile.read(inputs));
        }
        Observers observers = new Observers(List.of(decisions.observer(), progress("step")));
        Map<String, Tensor> results = program.run(given, chosen.steps(), observers, mode);
        form.write(output, results, sample.video());
        decisions.report(this);
      }
    }
    say("wrote %s", output);
  }

  private Map<String, Tensor> inputs(
      ProgramSignature signature, SampleModel sample, SamplerSettings chosen) {
    Map<String, Tensor> out =
        new LinkedHashMap<>(SampleInputs.defaults(signature, sample, chosen, seed));
    if (!prompts.isEmpty()) {
      int videos = (int) SampleInputs.videos(signature);
      if (prompts.size() != videos && prompts.size() != 1) {
        throw UserError.of(
                "CL0401",
                "the artifact makes %d videos at once, found %d prompts",
                videos,
                prompts.size())
            .withHint("give one prompt for each video, or one for all");
      }
      List<String> all =
          prompts.size() == videos ? prompts : Collections.nCopies(videos, prompts.get(0));
      out.put(
          "y",
          sample
              .text()
              .orElseThrow(() -> UserError.of(
                      "CL0402", "this model has no text table, so it takes no --prompt")
                  .withHint("give the text embedding as tensor 'y': --inputs FILE"))
              .encode(all));
    }
    // Every token of a prompt counts.
    signature.parameters().stream()
        .filter(p -> p.name().equals("mask"))
        .findFirst()
        .ifPresent(p -> {
          Tensor y = out.get("y");
          if (y != null) {
            List<Long> sizes = List.of(p.type().size(0), y.size(2));
            Tensor mask = Tensor.zeros(ScalarType.I64, sizes);
            for (int i = 0; i < mask.count(); i++) {
              mask.set(i, 1);
            }
            out.put("mask", mask);
          }
        });
    return out;
  }
}
