package org.quantcache.ir.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Writes a file aside in the same folder and renames it into place, so that a reader sees the old file or the whole
 * new one, and a failure or a killed process leaves the old one as it was. What was written aside is removed, unless
 * the process had no chance to.
 */
public final class AtomicFile {
  /** Fills the new file. */
  @FunctionalInterface
  public interface Body {
    void write(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /** Writes {@code target}. @throws UserError RT0301 when it cannot be written */
  public static void write(Path target, Body body) {
    Path absolute = target.toAbsolutePath();
    Path aside = aside(absolute);
    // An interrupt from the keyboard ends the process without the finally block below.
    Thread cleaner = new Thread(() -> discard(aside), "discard " + aside.getFileName());
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      if (Files.isDirectory(absolute)) {
        throw UserError.of("RT0301", "cannot write %s: it is a folder", target)
            .withHint("name a file");
      }
      if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
        // To rename something over a device or a pipe would do away with it.
        throw UserError.of("RT0301", "cannot write %s: it is a device or a pipe", target)
            .withHint("name a file");
      }
      try (FileChannel channel = FileChannel.open(
          aside,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE)) {
        body.write(channel);
        channel.force(true);
      }
      Files.move(
          aside, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failure(target, e);
    } finally {
      discard(aside);
      forget(cleaner);
    }
  }

  /** Writes bytes. */
  public static void write(Path target, byte[] content) {
    write(target, channel -> {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    });
  }

  /** One name per process, thread and target, short enough wherever the target's name is. */
  private static Path aside(Path target) {
    String name = String.valueOf(target.getFileName());
    return target.resolveSibling(String.format(
        Locale.ROOT,
        ".%s.%08x.%d.%d.part",
        name.substring(0, Math.min(name.length(), 60)),
        name.hashCode(),
        ProcessHandle.current().pid(),
        Thread.currentThread().getId()));
  }

  private static UserError failure(Path target, IOException cause) {
    String reason = String.valueOf(cause.getMessage());
    if (cause instanceof NoSuchFileException) {
      reason = "its folder does not exist";
    } else if (cause instanceof AccessDeniedException) {
      reason = "permission denied";
    } else if (cause instanceof FileSystemException system && system.getReason() != null) {
      reason = system.getReason();
    }
    return UserError.of("RT0301", "cannot write %s: %s", target, reason)
        .withHint("check the folder, its permissions and the free space")
        .causedBy(cause);
  }

  private static void forget(Thread cleaner) {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The process is ending and the hook runs anyway.
      return;
    }
  }

  private static void discard(Path aside) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      // The file that matters is in place or untouched; a leftover beside it does no harm.
      return;
    }
  }
}
