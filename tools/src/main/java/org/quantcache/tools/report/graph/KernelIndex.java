package org.quantcache.tools.report.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.core.Operation;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.tools.inspect.LaunchList;

/** Which kernels compute an operation of an artifact, and their source. */
public final class KernelIndex {
  private static final Pattern REGISTERED = Pattern.compile("QC_REGISTER\\((\\w+)\\)\\n");

  private final LaunchList launches;
  private final Map<String, String> sources = new TreeMap<>();

  private KernelIndex(LaunchList launches) {
    this.launches = launches;
  }

  /** An index of nothing. */
  public static KernelIndex none() {
    return new KernelIndex(LaunchList.of(MissingNode.getInstance()));
  }

  /**
   * Reads what an artifact says of its kernels.
   *
   * @param report its {@code report.json}
   */
  public static KernelIndex of(ArtifactReader artifact, JsonNode report) {
    KernelIndex out = new KernelIndex(LaunchList.of(report));
    if (artifact.has(ArtifactLayout.KERNEL_LIST)) {
      text(artifact, ArtifactLayout.KERNEL_LIST).lines().forEach(out::described);
    }
    if (artifact.has(ArtifactLayout.CUDA_SOURCE)) {
      out.cuda(text(artifact, ArtifactLayout.CUDA_SOURCE));
    }
    return out;
  }

  private static String text(ArtifactReader artifact, String entry) {
    return new String(artifact.bytes(entry), StandardCharsets.UTF_8);
  }

  private void described(String line) {
    int gap = line.indexOf("  ");
    if (gap > 0) {
      sources.put(line.substring(0, gap), line.substring(gap).strip());
    }
  }

  /** The text of each kernel runs from the end of the one before to its registration. */
  private void cuda(String source) {
    Matcher registered = REGISTERED.matcher(source);
    int start = 0;
    while (registered.find()) {
      String text = source.substring(start, registered.start());
      int places = text.lastIndexOf("\n\n// ");
      sources.put(registered.group(1), (places < 0 ? text : text.substring(places)).strip());
      start = registered.end();
    }
  }

  List<String> kernelsOf(Operation operation) {
    return launches.kernels(operation);
  }

  /** Source or description by name of the kernel, in name order. */
  public Map<String, String> sources() {
    return new TreeMap<>(sources);
  }
}
