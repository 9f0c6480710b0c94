package org.quantcache.tools.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;
import org.quantcache.tools.pipeline.ForwardInputs;
import org.quantcache.tools.pipeline.ModelSource;
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
      paramLabel = "FILE",
      description =
          "Tensors x, timestep, y, ... (default, for an artifact: noise from the seed, text of full length).")
  private Path inputs;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Seed of the noise where no inputs are given (default ${DEFAULT-VALUE}).")
  private long seed;

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
    if (inputs == null && Files.isDirectory(model)) {
      throw UserError.of("CL0701", "a model folder does not say how large the latent is")
          .withHint("give --inputs, or an artifact of 'compile --entry forward'");
    }
    Optional<Map<String, Tensor>> given = Optional.ofNullable(inputs).map(TensorFile::read);
    try (ModelSource source =
            device.open(this, model, checkpoint -> lift(checkpoint, given.orElseThrow()));
        Program program = device.load(source, "forward")) {
      Map<String, Tensor> tensors =
          given.orElseGet(() -> ForwardInputs.seeded(program.signature(), seed));
      long start = System.nanoTime();
      Map<String, Tensor> results = program.run(tensors, 1, StepObserver.NONE);
      say("one pass in %.3f s", (System.nanoTime() - start) / 1e9);
      TensorFile.write(output, results);
    }
    say("wrote %s", output);
  }

  private IrModule lift(Checkpoint checkpoint, Map<String, Tensor> given) {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    given.forEach((name, tensor) -> sizes.put(name, tensor.sizes()));
    return StditImporter.of(checkpoint)
        .forward(RequestOfInputs.forward(checkpoint.config(), sizes, taps))
        .finish();
  }
}
