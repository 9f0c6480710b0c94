package org.quantcache.tools.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;

/** Where the bundled sample model lies. */
public final class Samples {
  /** System property with the root folder of the installation; the launcher sets it. */
  public static final String HOME = "qcc.home";

  private Samples() {}

  /** Folder of the sprites model. @throws UserError CL0307 when it is not there */
  public static Path sprites() {
    Path folder = Path.of(System.getProperty(HOME, ".")).resolve("tools/samples/sprites");
    if (!Files.isDirectory(folder)) {
      throw UserError.of("CL0307", "no sample model in %s", folder.toAbsolutePath())
          .withHint("start the program with tools/qcc of a checkout");
    }
    return folder;
  }
}
