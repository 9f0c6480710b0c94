package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.TraceFile;
import org.quantcache.tools.layers.LayersFile;
import org.quantcache.tools.pipeline.ArtifactReport;
import org.quantcache.tools.pipeline.Programs;
import org.quantcache.tools.report.graph.GraphData;
import org.quantcache.tools.report.graph.KernelIndex;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.VideoSettings;
import org.quantcache.tools.video.ProfileFile;

/**
 * Collects what is known of a program and its runs, and writes the page that shows it. Each part has a panel; a part that
 * is not given has none. The same parts give the same bytes.
 */
public final class ReportBuilder {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ObjectNode data = JSON.createObjectNode();
  private final GraphData graph = new GraphData();
  private final ObjectNode remarks = JSON.createObjectNode();
  private final List<VideoFrames> videos = new ArrayList<>();
  private Optional<IrModule> program = Optional.empty();
  private KernelIndex kernels = KernelIndex.none();
  private JsonNode work = JSON.createObjectNode();
  private List<Stage> stages = List.of();
  private Map<Integer, Double> passMillis = new TreeMap<>();
  private Optional<VideoSettings> settings = Optional.empty();

  /**
   * @param title of the page
   * @param subtitle one line below it, may be empty
   */
  public ReportBuilder(String title, String subtitle) {
    data.put("title", title).put("subtitle", subtitle);
  }

  /** The program, its kernels, the work of the passes and what the file holds. */
  public ReportBuilder artifact(ArtifactReader artifact) {
    Manifest manifest = artifact.manifest();
    program = Optional.of(Programs.module(artifact));
    work = ArtifactReport.of(artifact);
    kernels = KernelIndex.of(artifact, work);
    settings = SampleModel.of(manifest.settings()).video();
    ObjectNode about = data.putObject("artifact");
    about.put("model", manifest.model()).put("target", manifest.target());
    about.put("pipeline", manifest.pipeline());
    ArrayNode entries = about.putArray("entries");
    manifest.entries().forEach(e -> entries.addArray().add(e.path()).add(e.bytes()));
    return this;
  }

  /** The program before and after each pass. @throws UserError CL0751 */
  public ReportBuilder dump(Path folder) {
    stages = DumpFolder.read(folder).stages();
    return this;
  }

  /** Times of the passes. @throws UserError CL0752 */
  public ReportBuilder passTimes(Path file) {
    passMillis = PassTimes.read(file);
    return this;
  }

  /** What a run decided. */
  public ReportBuilder trace(DecisionTrace trace) {
    data.put("decisions", DecisionSummary.of(trace));
    data.set("trace", TraceFile.json(trace));
    return this;
  }

  /** Differences layer by layer. @throws UserError CL0762 */
  public ReportBuilder layers(Path file) {
    data.set("errors", LayerErrors.of(LayersFile.read(file)));
    return this;
  }

  /** Times of kernels. @throws UserError CL0763 */
  public ReportBuilder profile(Path file) {
    data.set("profile", KernelPanel.of(ProfileFile.read(file)));
    return this;
  }

  /** A video; the second one is set beside the first. @throws UserError CL0753, CL0306 */
  public ReportBuilder video(Path file) {
    videos.add(VideoFrames.read(file, settings));
    return this;
  }

  /** Builds of one model side by side; passes, graph, decisions and kernels are those of the last one. */
  ReportBuilder builds(List<Build> builds, String command) {
    Build last = builds.get(builds.size() - 1);
    program = Optional.of(last.program());
    kernels = last.kernels();
    stages = last.passHistory().stages();
    passMillis = last.passHistory().millis();
    work = last.work();
    data.set("builds", BuildPanel.of(builds, command));
    if (!last.profile().isEmpty()) {
      data.set("profile", KernelPanel.of(last.name(), last.video().stepMillis(), last.profile()));
    }
    builds.forEach(build -> videos.add(VideoFrames.ofGif(build.name(), build.gif())));
    return trace(last.video().trace());
  }

  /** Told how many of the program's states are drawn. */
  @FunctionalInterface
  public interface Progress {
    void drawn(long done, long total);
  }

  /**
   * Writes the page, or leaves the file as it was.
   *
   * @throws UserError CL0750, CL0754, CL0755 for parts that do not fit each other
   */
  public void write(Path target, Progress progress) {
    finishPipeline();
    finishGraph(progress);
    finishVideos();
    ObjectNode heavy = JSON.createObjectNode();
    heavy.set("graph", graph.json());
    heavy.set("remarks", remarks);
    data.put("stages", graph.size());
    ReportPage.write(target, data, heavy);
  }

  private void finishPipeline() {
    if (!stages.isEmpty()) {
      data.set("passes", PipelinePanel.of(stages, passMillis));
      stages.forEach(stage -> {
        if (!stage.remarks().isEmpty()) {
          stage.remarks().forEach(remarks.putArray(Integer.toString(stage.number()))::add);
        }
      });
    } else if (work.path("passes").size() > 0) {
      data.set("passes", PipelinePanel.of(work, passMillis));
    } else if (!passMillis.isEmpty()) {
      throw UserError.of("CL0750", "times of passes are given, and no passes")
          .withHint("name the artifact or, with --dump-dir, the dump of the same pipeline");
    }
  }

  /** The last state is the artifact's program, which has kernels. */
  private void finishGraph(Progress progress) {
    requireOneCompilation();
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      progress.drawn(i, stages.size());
      if (!stage.changed()) {
        continue;
      }
      boolean last = i == lastChanged();
      graph.add(
          i == 0 ? "input" : stage.number() + " " + stage.pass(),
          last ? program.orElse(stage.module()) : stage.module(),
          last ? kernels : KernelIndex.none());
    }
    progress.drawn(stages.size(), stages.size());
    if (stages.isEmpty()) {
      program.ifPresent(module -> graph.add("program", module, kernels));
    }
    graph.describe(kernels);
    program.or(() -> stages.stream().reduce((a, b) -> b).map(Stage::module)).ifPresent(module -> {
      data.set("blocks", BlockRows.of(module));
      data.set("bits", BitsPanel.of(module));
    });
  }

  /** Kernels of one compilation must not be shown at operations of another. */
  private void requireOneCompilation() {
    if (program.isEmpty() || stages.isEmpty()) {
      return;
    }
    String compiled = IrPrinter.print(program.get());
    if (!IrPrinter.print(stages.get(stages.size() - 1).module()).equals(compiled)) {
      throw UserError.of("CL0755", "the dump does not end with the program of the artifact")
          .withHint(
              "write both at once: qcc compile MODEL_DIR -o X.qca --dump-dir DIR, with one --passes");
    }
  }

  private int lastChanged() {
    int last = 0;
    for (int i = 0; i < stages.size(); i++) {
      last = stages.get(i).changed() ? i : last;
    }
    return last;
  }

  private void finishVideos() {
    if (videos.isEmpty()) {
      return;
    }
    VideoFrames first = videos.get(0);
    ArrayNode list = data.putArray("videos");
    for (VideoFrames video : videos) {
      boolean alike = video.frames().size() == first.frames().size()
          && video.frames().get(0).getWidth() == first.frames().get(0).getWidth()
          && video.frames().get(0).getHeight() == first.frames().get(0).getHeight();
      if (!alike) {
        throw UserError.of(
                "CL0754",
                "'%s' has %s, '%s' has %s",
                first.name(),
                first.size(),
                video.name(),
                video.size())
            .withHint("compare videos of the same size and number of frames");
      }
      list.add(video.json());
    }
  }
}
