package org.quantcache.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Sources of kernels, which travel with this module. */
public final class KernelSources {
  private KernelSources() {}

  /** The words that kernels are written in, for a card. */
  public static String words() {
    return text("device.cuh");
  }

  /** A source by the name of its file. @throws IllegalStateException when there is none */
  public static String text(String name) {
    try (InputStream in = KernelSources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no kernel source " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
