package org.quantcache.tools.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.ForwardRequest;
import org.quantcache.importers.stdit3.SampleRequest;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.json.IrJson;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.tools.sample.SampleModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc import}. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Lift a checkpoint into IR text, nothing simplified.")
final class ImportCommand extends Verb {
  @Parameters(
      paramLabel = "MODEL_DIR",
      description = "Folder with config.json and model.safetensors.")
  private Path model;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Where to write; default: standard output.")
  private Path output;

  @Option(
      names = "--entry",
      defaultValue = "sample",
      description = "Function to lift: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private CompileCommand.Entry entry;

  @Option(names = "--json", description = "Write the JSON form instead of text.")
  private boolean json;

  @Option(names = "--print-loc", description = "Write the place in the model of each operation.")
  private boolean locations;

  @Mixin
  private SizeOptions sizes;

  @Override
  void execute() {
    if (output != null) {
      requireWritable(output);
    }
    IrModule module;
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      checkpoint.notes().forEach(note -> say("note: %s", note));
      SampleModel sample = SampleModel.of(model);
      module = entry == CompileCommand.Entry.SAMPLE
          ? sample(checkpoint, sizes, sample)
          : StditImporter.of(checkpoint)
              .forward(new ForwardRequest(
                  2 * sizes.batch(), sizes.shape(sample), 0, false, java.util.List.of()))
              .finish();
    }
    write(module, json, locations, output);
  }

  /** The sampling loop of a checkpoint, nothing simplified. */
  static IrModule sample(Checkpoint checkpoint, SizeOptions sizes, SampleModel sample) {
    return StditImporter.of(checkpoint)
        .sample(new SampleRequest(
            sizes.batch(),
            sizes.shape(sample),
            false,
            false,
            sample.sampler().trainSteps(),
            sample.sampler().transform(),
            sample.sampler().discrete()))
        .finish();
  }

  private void write(IrModule module, boolean asJson, boolean withLocations, Path target) {
    IrPrinter.Options options =
        withLocations ? IrPrinter.Options.WITH_LOCATIONS : IrPrinter.Options.PLAIN;
    String text = asJson ? IrJson.write(module) : IrPrinter.print(module, options);
    if (target == null) {
      out().print(text);
      out().flush();
    } else {
      AtomicFile.write(target, text.getBytes(StandardCharsets.UTF_8));
      say("wrote %s", target);
    }
  }
}
