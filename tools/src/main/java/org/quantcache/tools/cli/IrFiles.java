package org.quantcache.tools.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.tools.pipeline.Programs;

/** Modules of files: IR text, its JSON form, or the program of an artifact. */
final class IrFiles {
  private static final byte[] ZIP = {'P', 'K'};

  private IrFiles() {}

  /** Whether a file is an artifact. @throws UserError CL0107 when there is no such file */
  static boolean isArtifact(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw UserError.of("CL0107", "no file %s", file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return file.toString().endsWith(".qca") || Arrays.equals(in.readNBytes(2), ZIP);
    }
  }

  /** Reads and checks a module. @throws UserError CL0107, IR and RT02xx */
  static IrModule read(Path file) throws IOException {
    if (isArtifact(file)) {
      try (ArtifactReader artifact = ArtifactReader.open(file)) {
        return Programs.module(artifact);
      }
    }
    return OptCommand.read(file);
  }
}
