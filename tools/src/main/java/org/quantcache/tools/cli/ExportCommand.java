package org.quantcache.tools.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.tools.export.GraphExport;
import org.quantcache.tools.export.PerfettoExport;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.video.ProfileFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Write a program or a run for the viewers of others.",
      "dot: the graph for Graphviz. model-explorer: the graph for Google's model-explorer, node data beside it.",
      "perfetto: the launches and decisions of a run for Perfetto and Chrome."
    })
final class ExportCommand extends Verb {
  /** What to write. */
  enum Format {
    DOT("dot"),
    MODEL_EXPLORER("model-explorer"),
    PERFETTO("perfetto");

    private final String text;

    Format(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Parameters(
      paramLabel = "FILE",
      description = {
        "dot, model-explorer: an artifact (.qca) or IR text (.qir, .json), best with places (--print-loc), which",
        "make its groups;",
        "perfetto: a profile from 'qcc run --profile FILE', or with --profile, a trace from 'qcc run --trace FILE'."
      })
  private Path file;

  @Option(
      names = "--format",
      required = true,
      converter = FormatConverter.class,
      description = "dot, model-explorer or perfetto.")
  private Format format;

  @Option(
      names = "--layers",
      paramLabel = "FILE",
      description = "model-explorer: errors, from 'qcc compare-layers A B --json FILE'.")
  private Optional<Path> layers;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "model-explorer, perfetto: times, from 'qcc run --profile FILE'.")
  private Optional<Path> profile;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "perfetto: decisions of the same run, from 'qcc run --trace FILE'.")
  private Optional<Path> trace;

  @Option(names = "-o", required = true, paramLabel = "FILE", description = "Where to write.")
  private Path output;

  @Override
  void execute() throws Exception {
    requireFit("--layers", layers, Format.MODEL_EXPLORER);
    requireFit("--trace", trace, Format.PERFETTO);
    if (format == Format.DOT) {
      requireFit("--profile", profile, Format.MODEL_EXPLORER);
    }
    requireWritable(output);
    if (format == Format.PERFETTO) {
      perfetto();
      return;
    }
    GraphExport graph = new GraphExport(file.getFileName().toString(), module());
    if (format == Format.DOT) {
      graph.dot(output);
      say("wrote %s", output);
    } else {
      graph.modelExplorer(output, layers, profile).forEach(written -> say("wrote %s", written));
    }
  }

  private void perfetto() {
    if (profile.isPresent() && trace.isPresent()) {
      throw UserError.of(
              "CL0766", "FILE, --profile and --trace name three files of a run that has two")
          .withHint("give 'TRACE --profile PROFILE', or 'PROFILE --trace TRACE'");
    }
    if (profile.isPresent()) {
      PerfettoExport.write(
          output, ProfileFile.read(profile.get()), Optional.of(TraceFile.read(file)));
    } else {
      PerfettoExport.write(output, ProfileFile.read(file), trace.map(TraceFile::read));
    }
    say("wrote %s", output);
  }

  private void requireFit(String option, Optional<Path> value, Format wanted) {
    if (value.isPresent() && format != wanted) {
      throw UserError.of("CL0766", "%s says nothing in the format %s", option, format)
          .withHint("it belongs to --format %s", wanted);
    }
  }

  private IrModule module() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw UserError.of("CL0107", "no file %s", file);
    }
    if (IrFiles.isArtifact(file)) {
      try (ArtifactReader artifact = ArtifactReader.open(file)) {
        return Programs.module(artifact);
      }
    }
    return OptCommand.read(file);
  }
}
