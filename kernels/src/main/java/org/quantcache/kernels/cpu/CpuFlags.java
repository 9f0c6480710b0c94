package org.quantcache.kernels.cpu;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.quantcache.ir.diagnostics.UserError;

/** Instruction sets of this machine's processor, under the names of the Linux kernel. */
public final class CpuFlags {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private CpuFlags() {}

  /** All flags of the first processor; empty where the kernel does not tell. */
  public static Set<String> ofThisMachine() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .map(line -> ImmutableSet.copyOf(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
          .orElse(ImmutableSet.of());
    } catch (IOException e) {
      return ImmutableSet.of();
    }
  }

  /** @throws UserError RT0421 that names the missing instruction sets */
  static void require(String cpu, List<String> features) {
    Set<String> here = ofThisMachine();
    List<String> missing = new ArrayList<>(features);
    missing.removeAll(here);
    if (!here.isEmpty() && !missing.isEmpty()) {
      throw UserError.of("RT0421", "the artifact was compiled for %s and needs %s, which this processor lacks", cpu,
              missing)
          .withHint("compile it on this machine, or with --cpu x86-64-v3");
    }
  }
}
