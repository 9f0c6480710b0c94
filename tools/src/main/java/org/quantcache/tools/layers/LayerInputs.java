package org.quantcache.tools.layers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.ForwardInputs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;

/**
 * What builds read that are compared: given tensors, a prompt, or noise of a seed.
 *
 * @param given tensors by name, which win over the others
 * @param prompts what to show; none for text of noise
 * @param seed of the noise
 * @param steps of the loop
 */
public record LayerInputs(Map<String, Tensor> given, List<String> prompts, long seed, int steps) {
  private static final String SAMPLE = "sample";
  private static final String FORWARD = "forward";

  public LayerInputs {
    given = ImmutableMap.copyOf(given);
    prompts = ImmutableList.copyOf(prompts);
  }

  /** The function that these inputs are for, as far as they and the paths of both sides tell. */
  public String function(List<Path> sides) {
    if (given.containsKey("x") || sides.stream().anyMatch(LayerSource::isTaps)) {
      return FORWARD;
    }
    for (Path side : sides) {
      if (Files.isRegularFile(side)) {
        try (ArtifactReader artifact = ArtifactReader.open(side)) {
          List<String> names = artifact.manifest().functions().stream()
              .map(Manifest.FunctionInfo::name)
              .toList();
          return names.contains(SAMPLE) || names.isEmpty() ? SAMPLE : names.get(0);
        }
      }
    }
    return SAMPLE;
  }

  /** Makes the module of a model folder that takes these inputs. @throws org.quantcache.ir.diagnostics.UserError IM05xx, CL0306 */
  public IrModule lift(Checkpoint checkpoint, Path folder, String function, List<String> taps) {
    SampleModel sample = SampleModel.of(folder);
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    given.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    if (function.equals(FORWARD)) {
      return sizes.isEmpty()
          ? SampleModule.liftForward(checkpoint, sample, taps)
          : StditImporter.of(checkpoint)
              .forward(RequestOfInputs.forward(checkpoint.config(), sizes, taps))
              .finish();
    }
    return sizes.containsKey("z")
        ? StditImporter.of(checkpoint)
            .sample(RequestOfInputs.sample(
                checkpoint.config(), sizes, sample.sampler().withSteps(steps)))
            .finish()
        : SampleModule.lift(checkpoint, sample);
  }

  /** A tensor for every parameter of a build. @throws org.quantcache.ir.diagnostics.UserError CL0401, CL0402 for prompts that do not fit */
  public Map<String, Tensor> tensors(LayerSource source, String function) {
    if (function.equals(FORWARD)) {
      return given.isEmpty() ? ForwardInputs.seeded(source.signature(), seed) : given;
    }
    SamplerSettings sampler = source.sample().sampler().withSteps(steps);
    Map<String, Tensor> out = new LinkedHashMap<>(
        prompts.isEmpty()
            ? SampleInputs.seeded(source.signature(), source.sample(), sampler, seed)
            : SampleInputs.prompted(source.signature(), source.sample(), sampler, prompts, seed));
    out.putAll(given);
    return out;
  }
}
