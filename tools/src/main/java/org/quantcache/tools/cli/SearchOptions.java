package org.quantcache.tools.cli;

import java.nio.file.Path;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.tools.calibrate.Settings;
import picocli.CommandLine.Option;

/** How a target is looked for. */
final class SearchOptions {
  @Option(
      names = "--model",
      paramLabel = "MODEL_DIR",
      description = "For a target: the model that settings are tried out with.")
  private Path model;

  @Option(
      names = "--codebook",
      paramLabel = "TEXT",
      arity = "0..1",
      fallbackValue = DEFAULT_CODEBOOK,
      description = {
        "For a target: scale the bounds of this codebook (default: " + DEFAULT_CODEBOOK + "),",
        "instead of choosing a number of planned steps."
      })
  private String codebook;

  /** That of pass {@code hlc}. */
  private static final String DEFAULT_CODEBOOK = "0.05:8/0.1:4/2";

  /** Folder of the model; null when none is given. */
  Path model() {
    return model;
  }

  boolean given() {
    return model != null || codebook != null;
  }

  /**
   * The pipelines to choose from.
   *
   * @param before passes in front of the guard
   * @param linear whether steps that are not computed continue a line
   */
  Settings settings(Calibration calibration, String before, boolean linear) {
    return codebook == null
        ? Settings.plans(calibration, before, linear)
        : Settings.codebooks(codebook, before, linear);
  }
}
