package org.quantcache.tools.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.CalibrationFile;

/** Where the calibration of a model lies. */
public final class Calibrations {
  /** Name of the file in the folder of a model. */
  public static final String FILE = "calibration.json";

  private Calibrations() {}

  /** The given file, else the one in the folder of the model, if there is one. @throws UserError PA0601 */
  public static Optional<Calibration> find(Path given, Path model) {
    Path file = given != null ? given : model.resolve(FILE);
    return given != null || Files.exists(file)
        ? Optional.of(CalibrationFile.read(file))
        : Optional.empty();
  }
}
