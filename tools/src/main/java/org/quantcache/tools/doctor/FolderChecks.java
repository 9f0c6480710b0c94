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
    return List.of(
        folder(
            "temporary folder",
            "kernels on their way, artifacts of benchmarks",
            Path.of(System.getProperty("java.io.tmpdir")),
            LEAST_TEMPORARY,
            "give another one: QCC_JAVA_OPTS=-Djava.io.tmpdir=FOLDER"),
        folder(
            "cache",
            "native libraries, code for cards",
            NativeCache.ofUser(System.getenv()).root(),
            LEAST_CACHE,
            "give another one: QCC_JAVA_OPTS=-Dquantcache.cache=FOLDER"));
  }

  private static Finding folder(String subject, String use, Path folder, long least, String fix) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      return Finding.missing(subject, use, folder + " cannot be written", fix).asRequired();
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
