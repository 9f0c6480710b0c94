package org.quantcache.codegen.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The caches of the first processor, as Linux describes them. */
final class CpuCaches {
  private static final Path FOLDER = Path.of("/sys/devices/system/cpu/cpu0/cache");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})([KMG]?)\\s*");
  private static final int MOST_LEVELS = 10;

  private CpuCaches() {}

  /** Bytes of the largest cache; 0 where the system does not say. */
  static long largestBytes() {
    long largest = 0;
    for (int index = 0; index < MOST_LEVELS; index++) {
      Path file = FOLDER.resolve("index" + index).resolve("size");
      if (Files.isReadable(file)) {
        largest = Math.max(largest, read(file));
      }
    }
    return largest;
  }

  private static long read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      // A cache that the system does not tell of counts as none.
      return 0;
    }
  }

  /** {@code 32768K} is 32 MiB. */
  static long parse(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      return 0;
    }
    int shift = 10 * (" KMG".indexOf(size.group(2).isEmpty() ? " " : size.group(2)));
    return Long.parseLong(size.group(1)) << shift;
  }
}
