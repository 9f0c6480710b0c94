package org.quantcache.kernels.cuda;

import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;

/**
 * Memory that a program takes of a device, all of it when it is loaded.
 *
 * @param weights bytes
 * @param arena bytes of working memory; as many are locked on the host
 */
public record CudaFootprint(long weights, long arena) {
  private static final int MEBIBYTE = 1 << 20;

  /** What a function of an artifact takes. @throws UserError RT0205, RT0208 */
  public static CudaFootprint of(ArtifactReader artifact, String function) {
    ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
    try (WeightStore store = SafeTensorsFile.open(window.file(), window.offset(), window.bytes())) {
      return of(store, ArtifactLayout.function(artifact.manifest(), function).arenaBytes());
    }
  }

  static CudaFootprint of(WeightStore store, long arena) {
    return new CudaFootprint(CudaWeights.bytes(store), arena);
  }

  /** In MiB, rounded up. */
  public long mebibytes() {
    return (weights + arena + MEBIBYTE - 1) / MEBIBYTE;
  }

  /** As in "2311 MiB of weights, 667 MiB of working memory". */
  public String text() {
    return "%d MiB of weights, %d MiB of working memory"
        .formatted(weights / MEBIBYTE, arena / MEBIBYTE);
  }

  /** Refuses a device that is too small, before anything is brought to it. @throws UserError RT0506 */
  public void require(CudaDevice device) {
    if (weights + arena > device.freeBytes()) {
      throw UserError.of(
              "RT0506",
              "%s has not %d MiB for the program (%s): %d of %d MiB are free",
              device.name(),
              mebibytes(),
              text(),
              device.freeBytes() / MEBIBYTE,
              device.totalBytes() / MEBIBYTE)
          .withHint(
              "round more weights, as --preset fast does; compile for fewer frames or a smaller"
                  + " picture; or close what else uses the device");
    }
  }
}
