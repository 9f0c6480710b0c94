package org.quantcache.kernels.cpu;

import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.quantcache.ir.diagnostics.UserError;

/**
 * What the processor of this machine can do.
 *
 * @param architecture {@code x86_64} or {@code aarch64} or another name of the JDK's
 * @param flags processor flags in the spelling of {@code /proc/cpuinfo}, such as {@code avx2}; empty where unknown
 */
public record HostCpu(String architecture, SortedSet<String> flags) {
  public HostCpu {
    flags = ImmutableSortedSet.copyOf(flags);
  }

  /** Reads the system's description of the first processor. */
  public static HostCpu detect() {
    String jdk = System.getProperty("os.arch", "");
    return parse(jdk.equals("amd64") ? "x86_64" : jdk, readCpuInfo());
  }

  /** Flags that {@code required} names and this processor lacks; what is unknown is lacking. */
  public List<String> missing(List<String> required) {
    SortedSet<String> lacking = new TreeSet<>(required);
    lacking.removeAll(flags);
    return List.copyOf(lacking);
  }

  /**
   * Holds an artifact to this processor.
   *
   * @param compiledFor name of the processor that it was compiled for
   * @throws UserError RT0421 that names the missing instruction sets
   */
  void require(String compiledFor, List<String> features) {
    List<String> lacking = missing(features);
    // Where the system says nothing, loading is the only test.
    if (!flags.isEmpty() && !lacking.isEmpty()) {
      throw UserError.of(
              "RT0421",
              "the artifact was compiled for %s and needs %s, which this processor lacks",
              compiledFor,
              lacking)
          .withHint("compile it on this machine, or with --cpu x86-64-v3");
    }
  }

  static HostCpu parse(String architecture, List<String> cpuInfo) {
    SortedSet<String> flags = new TreeSet<>();
    for (String line : cpuInfo) {
      int colon = line.indexOf(':');
      String key = colon < 0 ? "" : line.substring(0, colon).strip();
      if (key.equals("flags") || key.equals("Features")) {
        for (String flag : line.substring(colon + 1).strip().split(" +")) {
          flags.add(flag);
        }
        break;
      }
    }
    flags.remove("");
    return new HostCpu(architecture, flags);
  }

  private static List<String> readCpuInfo() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // Systems without this file count as having no special instructions.
      return List.of();
    }
  }
}
