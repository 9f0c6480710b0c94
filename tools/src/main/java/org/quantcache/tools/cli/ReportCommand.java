package org.quantcache.tools.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.tools.report.ReportBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description =
        "Write one HTML page that shows what every pass and every step did: pipeline, graph, decisions, times, frames.")
final class ReportCommand extends Verb {
  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "An artifact (.qca), or decisions of a run, from 'qcc run --trace FILE'.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--dump-dir",
      paramLabel = "DIR",
      description = "Programs and remarks of every pass, from 'qcc compile --dump-dir DIR'.")
  private Optional<Path> dump = Optional.empty();

  @Option(
      names = "--timing",
      paramLabel = "FILE",
      description = "Times of the passes as JSON, from '--timing=json'.")
  private Optional<Path> timing = Optional.empty();

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Decisions of a run, from 'qcc run --trace FILE'.")
  private Optional<Path> trace = Optional.empty();

  @Option(
      names = "--layers",
      paramLabel = "FILE",
      description = "Differences layer by layer, from 'qcc compare-layers A B --json FILE'.")
  private Optional<Path> layers = Optional.empty();

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "Times of kernels, from 'qcc run --profile FILE'.")
  private Optional<Path> profile = Optional.empty();

  @Option(
      names = "--video",
      paramLabel = "FILE",
      description =
          "Frames of a run: .gif, .png or .safetensors; give it twice to compare two runs.")
  private List<Path> videos = new ArrayList<>();

  @Option(
      names = "-o",
      defaultValue = "report.html",
      paramLabel = "FILE",
      description = "Where to write (default ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  void execute() throws IOException {
    requireWritable(output);
    requireSomething();
    if (file.isPresent() && IrFiles.isArtifact(file.get())) {
      try (ArtifactReader artifact = ArtifactReader.open(file.get())) {
        write(builder().artifact(artifact), trace);
      }
    } else if (file.isPresent() && trace.isPresent()) {
      throw UserError.of(
              "CL0750", "%s is no artifact, and --trace names decisions as well", file.get())
          .withHint("qcc report X.qca --trace %s", trace.get());
    } else {
      write(builder(), file.or(() -> trace));
    }
    say("wrote %s, %.1f KB", output, Files.size(output) / 1e3);
  }

  private void requireSomething() {
    boolean nothing =
        List.of(file, dump, timing, trace, layers, profile).stream().allMatch(Optional::isEmpty)
            && videos.isEmpty();
    if (nothing) {
      throw UserError.of("CL0750", "there is nothing to report on")
          .withHint(
              "name an artifact or a trace, or one of --dump-dir, --trace, --layers, --profile, --video");
    }
    if (videos.size() > 2) {
      throw UserError.of("CL0754", "%d videos are given, expected one or two", videos.size())
          .withHint("a page compares two runs; write one page for each pair");
    }
  }

  private ReportBuilder builder() {
    Path named = file.or(() -> dump)
        .or(() -> trace)
        .or(() -> layers)
        .or(() -> profile)
        .or(() -> timing)
        .orElseGet(() -> videos.get(0));
    return new ReportBuilder(String.valueOf(named.getFileName()), "");
  }

  private void write(ReportBuilder builder, Optional<Path> decisions) {
    add(dump, builder, ReportBuilder::dump);
    add(timing, builder, ReportBuilder::passTimes);
    decisions.ifPresent(path -> builder.trace(TraceFile.read(path)));
    add(layers, builder, ReportBuilder::layers);
    add(profile, builder, ReportBuilder::profile);
    videos.forEach(builder::video);
    builder.write(output, progress("states of the program")::show);
  }

  private static void add(
      Optional<Path> path, ReportBuilder builder, BiConsumer<ReportBuilder, Path> part) {
    path.ifPresent(given -> part.accept(builder, given));
  }
}
