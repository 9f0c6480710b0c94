package org.quantcache.kernels.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Folder of a user that keeps native libraries, one subfolder for each set of files. A subfolder is filled aside and
 * renamed when it is whole; a file lock keeps starting processes from doing the work twice. Its name holds a hash over
 * what its files are made from, so another version never meets the files of this one.
 */
public final class NativeCache {
  private static final String PART_SUFFIX = ".part";

  /** A file lock tells processes apart, not the threads of one. */
  private static final Object THREADS = new Object();

  private final Path root;

  /** Puts the files of a subfolder into it. */
  @FunctionalInterface
  public interface Filler {
    void fill(Path folder) throws IOException;
  }

  /** Whether a subfolder holds what it should. */
  @FunctionalInterface
  public interface Check {
    boolean isWhole(Path folder) throws IOException;
  }

  /** A cache in a folder, which is made when something is put into it. */
  public NativeCache(Path root) {
    this.root = root;
  }

  /**
   * The cache of the user: system property {@code quantcache.cache}, else {@code XDG_CACHE_HOME/quantcache}, else
   * {@code ~/.cache/quantcache}.
   */
  public static NativeCache ofUser(Map<String, String> environment) {
    String chosen = System.getProperty("quantcache.cache", "");
    if (!chosen.isEmpty()) {
      return new NativeCache(Path.of(chosen));
    }
    String base = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path cache =
        base.isEmpty() ? Path.of(System.getProperty("user.home", "."), ".cache") : Path.of(base);
    return new NativeCache(cache.resolve("quantcache"));
  }

  /** The folder of all subfolders. */
  public Path root() {
    return root;
  }

  /**
   * Folder with these files; extracts them when they are not there.
   *
   * @param name what the subfolder is called, before the hash
   * @param absent what to do where the class path lacks a file
   * @throws UserError RT0401 when the class path lacks files, RT0402 when the folder cannot be filled
   */
  public Path provide(String name, List<NativeFile> files, String absent) {
    try {
      List<NativeFile.Stamp> stamps = stamps(files, absent);
      String key = key(stamps.stream().map(stamp -> stamp.text() + "\n").toList());
      return make(name + "-" + key, folder -> isWhole(folder, files, stamps), folder -> {
        for (NativeFile file : files) {
          extract(file, folder.resolve(file.name()));
        }
      });
    } catch (IOException e) {
      throw UserError.of(
              "RT0402", "cannot extract native libraries to %s: %s", root, e.getMessage())
          .withHint("free some disk space, or choose another folder with -Dquantcache.cache=FOLDER")
          .causedBy(e);
    }
  }

  /**
   * Subfolder of this name; fills it when it is not whole.
   *
   * @throws IOException when it cannot be filled; nothing is left of it then
   */
  public Path make(String name, Check check, Filler filler) throws IOException {
    Path folder = root.resolve(name);
    if (check.isWhole(folder)) {
      return folder;
    }
    Files.createDirectories(root);
    Path lockFile = root.resolve("natives.lock");
    synchronized (THREADS) {
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock(place(name), 1, false)) {
        if (!lock.isValid()) {
          throw new IOException("lost the lock on " + lockFile);
        }
        if (!check.isWhole(folder)) {
          fill(folder, filler);
        }
      }
    }
    return folder;
  }

  /** The byte of the lock file that stands for a subfolder, so that processes wait only for the one that they need. */
  private static long place(String name) {
    return Integer.toUnsignedLong(name.hashCode());
  }

  private static List<NativeFile.Stamp> stamps(List<NativeFile> files, String absent)
      throws IOException {
    List<NativeFile.Stamp> stamps = new ArrayList<>();
    for (NativeFile file : files) {
      Optional<NativeFile.Stamp> stamp = file.stamp();
      if (stamp.isEmpty()) {
        throw UserError.of("RT0401", "no native library %s on the class path", file.resource())
            .withHint("%s", absent);
      }
      stamps.add(stamp.get());
    }
    return stamps;
  }

  private static boolean isWhole(Path folder, List<NativeFile> files, List<NativeFile.Stamp> stamps)
      throws IOException {
    for (int i = 0; i < files.size(); i++) {
      Path file = folder.resolve(files.get(i).name());
      if (!Files.isRegularFile(file) || Files.size(file) != stamps.get(i).bytes()) {
        return false;
      }
    }
    return true;
  }

  private void fill(Path folder, Filler filler) throws IOException {
    Path aside = root.resolve(folder.getFileName() + PART_SUFFIX);
    // What a killed process left; nobody else writes here while the lock is held.
    delete(aside);
    delete(folder);
    try {
      Files.createDirectories(aside);
      filler.fill(aside);
      Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(aside);
    }
  }

  private static void extract(NativeFile file, Path target) throws IOException {
    if (file.resource().isEmpty()) {
      Files.write(target, EmptyLibrary.bytes(file.name()));
      return;
    }
    try (InputStream in = NativeFile.class.getResourceAsStream(file.resource())) {
      if (in == null) {
        throw new IOException(file.resource() + " left the class path");
      }
      Files.copy(in, target);
    }
    if (file.executable() && !target.toFile().setExecutable(true, true)) {
      throw new IOException("cannot make " + target + " executable");
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(folder, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path visited, IOException failure)
          throws IOException {
        Files.delete(visited);
        return FileVisitResult.CONTINUE;
      }
    });
  }

  /** A hash over texts, short enough for a name. */
  public static String key(List<String> texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
