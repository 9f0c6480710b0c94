package org.quantcache.kernels.artifact;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;

/**
 * {@code manifest.json}: what is in an artifact and how to run it. Every other entry is listed with its length and
 * SHA-256.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param compiler name and version of the writer
 * @param target {@code cpu} or {@code reference}
 * @param cpu LLVM processor name of the machine code; empty for other targets
 * @param cpuFeatures processor flags that the machine code needs
 * @param workspaceBytes scratch memory that each worker needs
 * @param model name of the model
 * @param pipeline pass pipeline with all options
 * @param dims largest value of each symbolic size
 * @param functions entry points
 * @param settings values that a caller may want, such as the sampler's defaults
 * @param entries the other entries in archive order
 */
@JsonPropertyOrder({
  "formatVersion",
  "compiler",
  "target",
  "cpu",
  "cpuFeatures",
  "workspaceBytes",
  "model",
  "pipeline",
  "dims",
  "functions",
  "settings",
  "entries"
})
public record Manifest(
    int formatVersion,
    String compiler,
    String target,
    String cpu,
    List<String> cpuFeatures,
    long workspaceBytes,
    String model,
    String pipeline,
    Map<String, Long> dims,
    List<FunctionInfo> functions,
    Map<String, Object> settings,
    List<EntryInfo> entries) {
  /** Version of the layout of the archive. */
  public static final int FORMAT_VERSION = 1;

  /** The same for other entries. */
  public Manifest withEntries(List<EntryInfo> other) {
    return new Manifest(
        formatVersion,
        compiler,
        target,
        cpu,
        cpuFeatures,
        workspaceBytes,
        model,
        pipeline,
        dims,
        functions,
        settings,
        List.copyOf(other));
  }

  /** Name of the entry that holds this record. */
  public static final String ENTRY = "manifest.json";

  /**
   * An entry point.
   *
   * @param name without {@code @}
   * @param executorClass binary name of the executor; empty for target reference
   * @param arenaBytes working memory outside of the heap
   */
  @JsonPropertyOrder({"name", "executorClass", "arenaBytes", "parameters", "results"})
  public record FunctionInfo(
      String name,
      String executorClass,
      long arenaBytes,
      List<TensorInfo> parameters,
      List<TensorInfo> results) {}

  /** A parameter or result: element kind, and sizes such as {@code 2}, {@code L} or {@code 2*L}. */
  @JsonPropertyOrder({"name", "element", "sizes"})
  public record TensorInfo(String name, String element, List<String> sizes) {}

  /** One entry of the archive. */
  @JsonPropertyOrder({"path", "bytes", "sha256"})
  public record EntryInfo(String path, long bytes, String sha256) {}
}
