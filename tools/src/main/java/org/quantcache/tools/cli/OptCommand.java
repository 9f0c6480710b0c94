package org.quantcache.tools.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.json.IrJson;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.ir.verify.Verifier;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.pipelines.AllPasses;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc opt}. */
@Command(name = "opt", mixinStandardHelpOptions = true, description = "Run passes over IR text.")
final class OptCommand extends Verb {
  @Parameters(paramLabel = "FILE", description = "IR text (.qir) or its JSON form (.json).")
  private Path input;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Where to write; default: standard output.")
  private Path output;

  @Option(names = "--print-loc", description = "Write the place in the model of each operation.")
  private boolean locations;

  @Option(names = "--print-pipeline", description = "Print the pipeline with all options.")
  private boolean printPipeline;

  @Mixin
  private PassOptions passes;

  @Override
  void execute() {
    if (output != null) {
      requireWritable(output);
    }
    IrModule module = read(input);
    Pipeline pipeline = AllPasses.parse(
        passes.pipeline(), passes.calibration(input.toAbsolutePath().getParent()));
    if (printPipeline) {
      say("%s", pipeline.text());
    }
    PassManager manager = new PassManager(StandardOps.registry(), passes.instruments(err()));
    try {
      manager.run(pipeline, module);
    } finally {
      passes.report(err(), output == null ? err() : out());
    }
    IrPrinter.Options options =
        locations ? IrPrinter.Options.WITH_LOCATIONS : IrPrinter.Options.PLAIN;
    String text = IrPrinter.print(module, options);
    if (output == null) {
      out().print(text);
      out().flush();
    } else {
      AtomicFile.write(output, text.getBytes(StandardCharsets.UTF_8));
      say("wrote %s", output);
    }
  }

  /** Reads and checks a module. */
  static IrModule read(Path file) {
    String text = text(file);
    IrModule module = file.toString().endsWith(".json")
        ? IrJson.read(text, StandardOps.registry())
        : IrParser.parse(text, file.toString(), StandardOps.registry());
    Verifier.standard().withoutLocations().require(module);
    return module;
  }

  /** Text of a file. @throws UserError CL0107 */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw UserError.of("CL0107", "no file %s", file);
    } catch (CharacterCodingException e) {
      throw UserError.of("CL0107", "%s is no UTF-8 text", file);
    } catch (IOException e) {
      throw UserError.of("CL0107", "%s cannot be read: %s", file, e.getMessage())
          .causedBy(e);
    }
  }
}
