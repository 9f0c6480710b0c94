package org.quantcache.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;

/**
 * Which machine code of an artifact a device runs: that for itself, else that for an older device of its generation,
 * else what its driver translates.
 */
final class CodeChoice {
  private CodeChoice() {}

  /** Name of the entry. @throws UserError RT0514 when nothing fits */
  static String entry(CudaDevice device, ArtifactReader artifact) {
    List<String> candidates = candidates(device.isEmulated(), device.computeCapability());
    return candidates.stream()
        .filter(artifact::has)
        .findFirst()
        .orElseThrow(() -> UserError.of(
                "RT0514", "%s holds no kernels for %s", artifact.path(), device.name())
            .withHint(
                "compile for it: --target cuda:%s",
                device.isEmulated() ? "emulated" : "sm_" + device.computeCapability()));
  }

  /** Entries that a device of compute capability {@code 10 major + minor} can run, the best one first. */
  static List<String> candidates(boolean emulated, int capability) {
    if (emulated) {
      return List.of(ArtifactLayout.EMULATED);
    }
    List<String> out = new ArrayList<>();
    out.add(ArtifactLayout.cubin("sm_" + capability + "a"));
    // Code without a letter runs on later devices of the same generation.
    for (int minor = capability % 10; minor >= 0; minor--) {
      out.add(ArtifactLayout.cubin("sm_" + (capability / 10 * 10 + minor)));
    }
    out.add(ArtifactLayout.PTX);
    return out;
  }
}
