package org.quantcache.tools.report.graph;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.core.Operation;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;

/**
 * Which kernels compute an operation of an artifact, and their source. The executor's source says it: it names the place,
 * the operation and the types above the launches that it makes.
 */
public final class KernelIndex {
  private static final Pattern KERNEL =
      Pattern.compile("(\\w+) = [^;\"]{0,300}?kernel\\(\"([^\"]+)\"");
  private static final Pattern COMMENT = Pattern.compile(" +// (.+: [a-z_]+\\.[a-z_0-9]+.*)");
  private static final Pattern LAUNCH = Pattern.compile("\\b(launch\\w*)\\b");
  private static final Pattern REGISTERED = Pattern.compile("QC_REGISTER\\((\\w+)\\)\\n");

  private final Map<String, Deque<List<String>>> launches = new LinkedHashMap<>();
  private final Map<String, String> sources = new TreeMap<>();

  private KernelIndex() {}

  /** An index of nothing. */
  public static KernelIndex none() {
    return new KernelIndex();
  }

  /** Reads the sources in an artifact. */
  public static KernelIndex of(ArtifactReader artifact) {
    KernelIndex out = new KernelIndex();
    for (Manifest.FunctionInfo function : artifact.manifest().functions()) {
      String entry = ArtifactLayout.executorEntry(function.executorClass(), ".java");
      if (artifact.has(entry)) {
        out.executor(text(artifact, entry));
      }
    }
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

  private void executor(String java) {
    Map<String, String> kernels = new LinkedHashMap<>();
    Matcher bound = KERNEL.matcher(java);
    while (bound.find()) {
      kernels.put(bound.group(1), bound.group(2));
    }
    List<String> current = new ArrayList<>();
    for (String line : java.lines().toList()) {
      Matcher comment = COMMENT.matcher(line);
      if (comment.matches()) {
        current = new ArrayList<>();
        launches.computeIfAbsent(comment.group(1), key -> new ArrayDeque<>()).add(current);
        continue;
      }
      Matcher launch = LAUNCH.matcher(line);
      while (launch.find() && !line.contains("=")) {
        String kernel = kernels.get(launch.group(1));
        if (kernel != null && !current.contains(kernel)) {
          current.add(kernel);
        }
      }
    }
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

  /** Kernels of an operation; each call for an operation of the same place and types takes the next ones. */
  List<String> kernelsOf(Operation operation) {
    StringBuilder key = new StringBuilder(operation.location().text() + ": " + operation.name());
    operation.results().forEach(result -> key.append(' ').append(result.type().text()));
    Deque<List<String>> waiting = launches.getOrDefault(key.toString(), new ArrayDeque<>());
    return waiting.isEmpty() ? List.of() : waiting.remove();
  }

  /** Source or description by name of the kernel, in name order. */
  public Map<String, String> sources() {
    return new TreeMap<>(sources);
  }
}
