package org.quantcache.tools.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.quantcache.kernels.natives.NativeCache;

/** Folders that are written, and how much room they have. */
final class FolderChecks {
  private static final long LEAST_TEMPORARY = 256L << 20;
  private static final long LEAST_CACHE = 256L << 20;

  private FolderChecks() {}

  static List<Finding> all() {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path cache = NativeCache.ofUser(System.getenv()).root();
    return List.of(
        folder(
            "temporary folder",
            "kernels on their way, artifacts of benchmarks",
            temporary,
            temporary,
            LEAST_TEMPORARY,
            "give another one: QCC_JAVA_OPTS=-Djava.io.tmpdir=FOLDER"),
        folder(
            "cache",
            "native libraries, code for cards",
            cache,
            nearest(cache),
            LEAST_CACHE,
            "give another one: QCC_JAVA_OPTS=-Dquantcache.cache=FOLDER"));
  }

  /** The folder itself or, as it is made when it is wanted, the nearest one above it. */
  private static Path nearest(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return there;
  }

  /** @param there what must be a folder that can be written */
  private static Finding folder(
      String subject, String use, Path folder, Path there, long least, String fix) {
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      String found = folder + (Files.exists(there) ? " cannot be written" : " is not there");
      return Finding.missing(subject, use, found, fix).asRequired();
    }
    try {
      long free = Files.getFileStore(there).getUsableSpace();
      String found = folder + ", " + (free >> 20) + " MiB free";
      return free >= least
          ? Finding.good(subject, use, found)
          : Finding.missing(subject, use, found + ", " + (least >> 20) + " MiB are wanted", fix);
    } catch (IOException e) {
      return Finding.missing(subject, use, folder + " does not tell its free space", fix);
    }
  }
}
