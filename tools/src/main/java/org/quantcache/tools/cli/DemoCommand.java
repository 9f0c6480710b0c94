package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.ModelSource;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.pipeline.SampleInputs;
import org.quantcache.tools.pipeline.SampleModule;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.Samples;
import org.quantcache.tools.sample.VideoOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code qcc demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Compile the bundled model, generate a video, show where the time goes.")
final class DemoCommand extends Verb {
  private static final int LISTED_KERNELS = 12;

  @Option(
      names = "--prompt",
      defaultValue = "a red circle moving right fast",
      description = "What to show (default: '${DEFAULT-VALUE}').")
  private String prompt;

  @Option(
      names = "--seed",
      defaultValue = "2",
      description = "Seed of the noise (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--steps",
      defaultValue = "30",
      description = "Sampling steps (default ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "-o",
      defaultValue = "demo.gif",
      description = "Where to write (default ${DEFAULT-VALUE}).")
  private Path output;

  @Mixin
  private TargetOption target;

  @Mixin
  private ThreadsOption threads;

  @Override
  void execute() {
    VideoOutput form = VideoOutput.of(output);
    requireWritable(output);
    Path folder = Samples.sprites();
    SampleModel sample = SampleModel.of(folder);
    // An unknown word is refused before the long work.
    sample.text().orElseThrow().encode(List.of(prompt));
    say("compiling %s", folder.getFileName());
    long start = System.nanoTime();
    try (ModelSource source = ModelSource.open(
            folder,
            c -> SampleModule.lift(c, sample),
            ModelSource.lossless(target.device(this), buildProgress()));
        Program program =
            Programs.load(source.artifact(), "sample", threads.count(), ScalarType.F32)) {
      say("compiled in %.1f s", (System.nanoTime() - start) / 1e9);
      Map<String, Tensor> inputs = SampleInputs.prompted(
          program.signature(), sample, sample.sampler().withSteps(steps), List.of(prompt), seed);
      StepTimes times = new StepTimes();
      Map<String, Tensor> results =
          program.run(inputs, steps, new Observers(List.of(times, progress("step"))));
      form.write(output, results, sample.video());
      times.print();
      if (program instanceof CpuProgram cpu) {
        printKernels(cpu, inputs);
      }
    }
    say("wrote %s: %s", output, prompt);
  }

  private void printKernels(CpuProgram program, Map<String, Tensor> inputs) {
    LaunchProfile profile = new LaunchProfile();
    program.profileInto(profile);
    program.run(inputs, steps, StepObserver.NONE);
    List<Map.Entry<String, LaunchProfile.Entry>> rows =
        new ArrayList<>(profile.entries().entrySet());
    rows.sort(Comparator.comparingLong(e -> -e.getValue().nanos()));
    long total = rows.stream().mapToLong(e -> e.getValue().nanos()).sum();
    out().printf("%n%-58s %8s %10s %7s%n", "kernel", "launches", "ms", "share");
    for (Map.Entry<String, LaunchProfile.Entry> row :
        rows.subList(0, Math.min(LISTED_KERNELS, rows.size()))) {
      out()
          .printf(
              Locale.ROOT,
              "%-58s %8d %10.2f %6.1f%%%n",
              row.getKey(),
              row.getValue().launches(),
              row.getValue().nanos() / 1e6,
              100.0 * row.getValue().nanos() / total);
    }
  }

  /** Time of each step. */
  private final class StepTimes implements StepObserver {
    private final List<Double> millis = new ArrayList<>();
    private long last = System.nanoTime();

    @Override
    public void stepped(int index, int total) {
      long now = System.nanoTime();
      millis.add((now - last) / 1e6);
      last = now;
    }

    void print() {
      List<Double> sorted = new ArrayList<>(millis);
      sorted.sort(Comparator.naturalOrder());
      out()
          .printf(
              Locale.ROOT,
              "%d steps: median %.2f ms, fastest %.2f ms, slowest %.2f ms, together %.0f ms%n",
              sorted.size(),
              sorted.get(sorted.size() / 2),
              sorted.get(0),
              sorted.get(sorted.size() - 1),
              sorted.stream().mapToDouble(d -> d).sum());
    }
  }
}
