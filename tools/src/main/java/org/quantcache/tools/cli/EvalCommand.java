package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = "One forward pass of the network on given tensors.")
final class EvalCommand extends Verb {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder, or an artifact with function 'forward'.")
  private Path model;

  @Option(
      names = "--inputs",
      required = true,
      paramLabel = "FILE",
      description = "Tensors x, timestep, y, ...")
  private Path inputs;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where to write the results.")
  private Path output;

  @Option(
      names = "--taps",
      split = ",",
      description =
          "Inner values to store as well, such as spatial_blocks.0.attn; 'all' for every one.")
  private List<String> taps = new ArrayList<>();

  @Mixin
  private DeviceOptions device;

  @Override
  void execute() {
    requireWritable(output);
    Map<String, Tensor> given = TensorFile.read(inputs);
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    given.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    try (ModelSource source = ModelSource.open(
            model,
            checkpoint -> StditImporter.of(checkpoint)
                .forward(RequestOfInputs.forward(checkpoint.config(), sizes, taps))
                .finish(),
            ModelSource.lossless(device.target(this)));
        Program program = Programs.load(source.artifact(), "forward", device.threads())) {
      TensorFile.write(output, program.run(given, 1, StepObserver.NONE));
    }
    say("wrote %s", output);
  }
}
