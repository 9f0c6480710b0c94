package org.quantcache.tools.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.ForwardRequest;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.importers.stdit3.SampleRequest;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.tools.pipeline.ModelCompiler;
import org.quantcache.tools.sample.SampleModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc compile}. */
@Command(
    name = "compile",
    mixinStandardHelpOptions = true,
    description = "Compile a checkpoint into an artifact that runs on its own.")
final class CompileCommand extends Verb {
  /** Functions that an artifact may hold. */
  enum Entry {
    SAMPLE,
    FORWARD
  }

  @Parameters(
      paramLabel = "MODEL_DIR",
      description = "Folder with config.json and model.safetensors.")
  private Path model;

  @Option(
      names = "-o",
      required = true,
      paramLabel = "FILE",
      description = "Artifact to write (.qca).")
  private Path output;

  @Option(
      names = "--entry",
      split = ",",
      defaultValue = "sample",
      description =
          "What the artifact can do: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private List<Entry> entries;

  @Option(names = "--text-mask", description = "Take a text mask as input.")
  private boolean textMask;

  @Option(
      names = "--condition",
      description = "Take a frame condition mask and noise draws as inputs.")
  private boolean condition;

  @Option(
      names = "--cpu",
      defaultValue = "host",
      description = "Processor to compile for, LLVM's name (default: this machine's).")
  private String cpu;

  @Mixin
  private SizeOptions sizes;

  @Mixin
  private TargetOption target;

  @Mixin
  private PassOptions passes;

  @Override
  void execute() throws Exception {
    requireWritable(output);
    long start = System.nanoTime();
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      checkpoint.notes().forEach(note -> say("note: %s", note));
      SampleModel sample = SampleModel.of(model);
      IrModule module = lift(checkpoint, sample);
      say("compiling %s", model);
      ModelCompiler.Request request = new ModelCompiler.Request(
          target.device(this),
          cpu,
          passes.pipeline(),
          passes.calibration(model),
          passes.instruments(err()),
          buildProgress());
      ModelCompiler.compile(module, checkpoint.weights(), sample, request, output);
      passes.dumpGenerated(output);
    } finally {
      passes.report(err(), out());
    }
    say(
        "wrote %s, %.1f MB, in %.1f s",
        output, Files.size(output) / 1e6, (System.nanoTime() - start) / 1e9);
  }

  private IrModule lift(Checkpoint checkpoint, SampleModel sample) {
    LatentShape shape = sizes.shape(sample);
    SamplerSettings sampler = sample.sampler();
    StditImporter importer = StditImporter.of(checkpoint);
    if (entries.contains(Entry.SAMPLE)) {
      importer.sample(new SampleRequest(
          sizes.batch(),
          shape,
          textMask,
          condition,
          sampler.trainSteps(),
          sampler.transform(),
          sampler.discrete()));
    }
    if (entries.contains(Entry.FORWARD)) {
      int batch = 2 * sizes.batch();
      importer.forward(
          new ForwardRequest(batch, shape, textMask ? sizes.batch() : 0, condition, List.of()));
    }
    return importer.finish();
  }
}
